/** A disturbance of the application under load. @internal */
export type Disturbance = 'reload' | 'replacement' | 'kill';

/**
 * Returns the disturbances in order, with each kind distributed evenly.
 *
 * @internal
 */
export function schedule(counts: Readonly<Record<Disturbance, number>>): Disturbance[] {
  return (Object.entries(counts) as [Disturbance, number][])
    .flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, index) => ({ kind, at: (index + 0.5) / count })),
    )
    .toSorted((a, b) => a.at - b.at)
    .map(({ kind }) => kind);
}

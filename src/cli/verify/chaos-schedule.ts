/** What happens to the application under load, besides load. @internal */
export type Disturbance = 'reload' | 'replacement' | 'kill';

/**
 * In which order they come: each kind spread evenly over the whole.
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

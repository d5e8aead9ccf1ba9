/**
 * The state of the application while a request runs: undisturbed (`rest`), with workers being replaced (`reload`),
 * or in a state whose latencies are not measured (`other`).
 *
 * @internal
 */
export type Phase = 'rest' | 'reload' | 'other';

/** Returns the phase of a request that began in one phase and ended in another. @internal */
export function joined(begun: Phase, ended: Phase): Phase {
  if (begun === ended) {
    return begun;
  }
  return begun === 'reload' || ended === 'reload' ? 'reload' : 'other';
}

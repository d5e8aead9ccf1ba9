/**
 * What the application goes through while a request is under way: nothing (`rest`), workers that are
 * replaced (`reload`), or something that its latencies are not judged by (`other`).
 *
 * @internal
 */
export type Phase = 'rest' | 'reload' | 'other';

/** What a request counts for that began in one phase and ended in another. @internal */
export function joined(begun: Phase, ended: Phase): Phase {
  if (begun === ended) {
    return begun;
  }
  return begun === 'reload' || ended === 'reload' ? 'reload' : 'other';
}

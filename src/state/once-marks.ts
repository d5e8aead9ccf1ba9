/** A task of `clusterOnce()` or `SharedState.once()` that is done. @internal */
export interface OnceMark {
  /** The key of the state at which the workers find it. */
  readonly key: string;
  /** What is stored there, as JSON: see {@link OnceOutcome}. */
  readonly text: string;
  /** Milliseconds after which the task may run again. */
  readonly ttl?: number;
}

/** What is stored when a task is done. @internal */
export interface OnceOutcome {
  /** When it was done, for those who look at the state: in ms since the epoch. */
  readonly at: number;
  /** The result of the task; missing if it is not JSON. */
  readonly value?: unknown;
}

/** A property of the global object: the primary may load the package twice. */
const MARKS = Symbol.for('nestjs-cluster/once-marks');

const memory = globalThis as unknown as Record<symbol, Map<string, OnceMark> | undefined>;

/**
 * The tasks that this process knows to be done, by their keys. Those that a primary knows before it supervises workers
 * become part of the state in its memory.
 *
 * @internal
 */
export function onceMarks(): Map<string, OnceMark> {
  return (memory[MARKS] ??= new Map());
}

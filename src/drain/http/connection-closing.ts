/** A connection that sent nothing is closed this many milliseconds into the drain. */
const SILENT_MILLISECONDS = 1_000;

/**
 * For how many milliseconds a connection may be quiet during a drain.
 *
 * @internal
 */
export interface Patience {
  /** With nothing in flight. */
  readonly idle: number;
  /** In the middle of a request. */
  readonly stalled: number;
}

/**
 * What a connection does during a drain:
 *
 * - `answering`: a response is in flight
 * - `receiving`: a request has not come in whole
 * - `idle`: nothing is in flight
 * - `silent`: nothing has ever come
 *
 * @internal
 */
export type ConnectionActivity = 'answering' | 'receiving' | 'idle' | 'silent';

/** `destroy`: without a word; `giveUp`: the client is told that its request took too long. @internal */
export type Closing = 'destroy' | 'giveUp';

/** What is known of a connection. @internal */
export interface ConnectionFacts {
  readonly hasResponse: boolean;
  /** Whether the application waits for more of that response's request. */
  readonly waitsForBody: boolean;
  /** Whether Node waits for the rest of a request, or for a first one. */
  readonly unfinished: boolean;
  readonly hasBytes: boolean;
}

/** @internal */
export function activityOf(facts: ConnectionFacts): ConnectionActivity {
  if (facts.hasResponse) {
    return facts.waitsForBody ? 'receiving' : 'answering';
  }
  if (!facts.hasBytes) {
    return 'silent';
  }
  return facts.unfinished ? 'receiving' : 'idle';
}

/** When a connection is closed, in milliseconds for which it has been quiet, and how. */
const CASES: Readonly<
  Record<
    ConnectionActivity,
    { readonly after: (patience: Patience) => number; readonly how: Closing }
  >
> = {
  answering: { after: () => Infinity, how: 'destroy' },
  receiving: { after: ({ stalled }) => stalled, how: 'giveUp' },
  idle: { after: ({ idle }) => idle, how: 'destroy' },
  silent: { after: () => SILENT_MILLISECONDS, how: 'destroy' },
};

/**
 * Whether a connection is to be closed, and how.
 *
 * @param quiet for how many milliseconds nothing has come or gone
 * @internal
 */
export function closingOf(
  activity: ConnectionActivity,
  quiet: number,
  patience: Patience,
): Closing | undefined {
  const { after, how } = CASES[activity];
  return quiet >= after(patience) ? how : undefined;
}

/** Milliseconds of the drain after which a connection that has sent nothing is closed. @internal */
export const SILENT_MILLISECONDS = 1_000;

/**
 * Milliseconds for which a connection may be quiet during a drain.
 *
 * @internal
 */
export interface Patience {
  /** Without an in-flight request. */
  readonly idle: number;
  /** In the middle of a request. */
  readonly stalled: number;
}

/**
 * The activity of a connection during a drain:
 *
 * - `answering`: a response is in flight
 * - `receiving`: a request has not been received completely
 * - `idle`: no request is in flight
 * - `silent`: the client has never sent anything
 *
 * @internal
 */
export type ConnectionActivity = 'answering' | 'receiving' | 'idle' | 'silent';

/**
 * How a connection is closed: `destroy` sends nothing, `giveUp` tells the client that its request took too long.
 * @internal
 */
export type Closing = 'destroy' | 'giveUp';

/** The known facts about a connection. @internal */
export interface ConnectionFacts {
  readonly hasResponse: boolean;
  /** Whether the application waits for more of the body of that request. */
  readonly waitsForBody: boolean;
  /** Whether Node waits for the rest of a request, or for the first one. */
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

/** Milliseconds of quiet after which a connection is closed, and how, by activity. */
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
 * Returns how a connection must be closed; `undefined` if it stays open.
 *
 * @param quiet milliseconds for which no bytes were sent or received
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

const RETRY_MILLISECONDS = 50;

/** Resolves when a client may try again after a failure; without a delay, a refused client would loop. @internal */
export function untilRetry(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, RETRY_MILLISECONDS));
}

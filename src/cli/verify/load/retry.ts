const RETRY_MILLISECONDS = 50;

/** What a client waits for after a failure: one that is refused must not ask in an endless loop. @internal */
export function untilRetry(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, RETRY_MILLISECONDS));
}

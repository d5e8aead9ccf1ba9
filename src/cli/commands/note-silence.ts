/** Milliseconds within which a host answers that is neither blocked nor suspended. */
const PATIENCE = 3_000;

/**
 * Resolves with the reply. Calls `onSilence` if it has not come after three seconds.
 *
 * @internal
 */
export async function noteSilence<T>(reply: Promise<T>, onSilence: () => void): Promise<T> {
  const timer = setTimeout(onSilence, PATIENCE);
  try {
    return await reply;
  } finally {
    clearTimeout(timer);
  }
}

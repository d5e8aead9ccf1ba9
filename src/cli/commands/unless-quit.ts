/**
 * Resolves with the reply, or with `undefined` as soon as the user quits: a host that is blocked or suspended does not
 * reply.
 *
 * @internal
 */
export async function unlessQuit(reply: Promise<unknown>, quit: AbortSignal): Promise<unknown> {
  // Nobody waits for an abandoned reply, which is rejected when the connection ends.
  reply.catch(() => {});
  const waiting = new AbortController();
  const hasQuit = new Promise<void>(done => {
    const { signal } = waiting;
    quit.addEventListener('abort', () => done(), { once: true, signal });
  });
  try {
    return await Promise.race([reply, hasQuit]);
  } finally {
    waiting.abort();
  }
}

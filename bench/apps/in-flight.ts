/** The calls of one turn. */
export interface Turn {
  readonly calls: number;
  readonly milliseconds: number;
}

/**
 * Calls a function for a given time, with a constant number of calls in flight: each call that settles starts the
 * next one. With one call in flight, this is a single caller that waits for each answer.
 */
export async function inFlight(
  count: number,
  milliseconds: number,
  call: (index: number) => Promise<unknown>,
): Promise<Turn> {
  let calls = 0;
  const turn = { isOver: false };
  const startedAt = performance.now();
  setTimeout(() => (turn.isOver = true), milliseconds);
  const repeat = async (index: number): Promise<void> => {
    while (!turn.isOver) {
      await call(index);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => repeat(index)));
  return { calls, milliseconds: performance.now() - startedAt };
}

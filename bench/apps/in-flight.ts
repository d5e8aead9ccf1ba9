/** What was got done in one turn. */
export interface Turn {
  readonly calls: number;
  readonly milliseconds: number;
}

/**
 * Calls for so long, with so many calls on their way all the time: each that has settled starts the
 * next. With one, it is one caller who waits for each answer.
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

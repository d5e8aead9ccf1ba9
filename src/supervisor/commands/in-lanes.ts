/**
 * Runs tasks, at most `lanes` of them at a time. Starts no further task after a failure, and settles when no task is
 * running any more.
 *
 * @throws the first error of a task
 * @internal
 */
export async function inLanes(
  tasks: readonly (() => Promise<void>)[],
  lanes: number,
): Promise<void> {
  const waiting = [...tasks];
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let task = waiting.shift(); task && errors.length === 0; task = waiting.shift()) {
      await task().catch((error: unknown) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (errors.length > 0) {
    throw errors[0];
  }
}

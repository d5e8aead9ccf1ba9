/**
 * Runs `task` every `milliseconds`, each time after everything that has arrived was read: when the event loop was
 * blocked, timers run before sockets are read, and a task that looks for missing input would find it missing.
 *
 * @returns a function that ends it
 * @internal
 */
export function repeatAfterReading(milliseconds: number, task: () => void): () => void {
  let run: NodeJS.Immediate | undefined;
  const timer = setInterval(() => {
    run = setImmediate(task);
  }, milliseconds);
  return () => {
    clearInterval(timer);
    clearImmediate(run);
  };
}

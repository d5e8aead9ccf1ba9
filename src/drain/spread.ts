/**
 * Takes steps one after the other, evenly over a time: the first at once, so that one alone waits for
 * nothing.
 *
 * @param window milliseconds
 * @returns takes no further steps
 * @internal
 */
export function spread(steps: readonly (() => void)[], window: number): () => void {
  const begunAt = Date.now();
  const dueAt = (index: number): number => begunAt + (window * index) / steps.length;
  let timer: NodeJS.Timeout | undefined;
  let next = 0;
  const takeWhatIsDue = (): void => {
    while (next < steps.length && dueAt(next) <= Date.now()) {
      steps[next++]!();
    }
    if (next < steps.length) {
      timer = setTimeout(takeWhatIsDue, dueAt(next) - Date.now());
    }
  };
  takeWhatIsDue();
  return () => clearTimeout(timer);
}

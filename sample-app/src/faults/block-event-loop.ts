/** What a heavy computation does: until it is over, this process can do nothing else. */
export function blockEventLoop(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

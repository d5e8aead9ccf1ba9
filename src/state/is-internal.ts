/**
 * Returns whether a key or another name belongs to this package itself: the list of topics, the results of `once()`, the
 * claims of jobs, and so on. Users do not see those.
 *
 * @internal
 */
export function isInternal(name: string): boolean {
  return name.startsWith('~') || name.startsWith('$nestjs-cluster');
}

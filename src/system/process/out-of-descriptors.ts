const CODES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE']);

/**
 * Whether something could not be opened because this process, or the system, has no free file descriptor. The error then says
 * nothing about the thing that was to be opened.
 *
 * @internal
 */
export function isOutOfDescriptors(error: unknown): boolean {
  return CODES.has((error as NodeJS.ErrnoException).code);
}

/** The tool was called in a way that makes no sense. @internal */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

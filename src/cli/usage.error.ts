/** The arguments of the tool are invalid. @internal */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

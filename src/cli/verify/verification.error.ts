/** The application cannot be verified, because it ended or never became ready. @internal */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

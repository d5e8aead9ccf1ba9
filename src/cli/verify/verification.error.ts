/** The application did something that leaves nothing to verify: it ended, or never got ready. @internal */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

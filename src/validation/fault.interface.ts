/** A fault of a value, described without secrets. @internal */
export interface Fault {
  /** The faulty part of the value, in the form in which it follows the field's name: `.port`; omitted for the whole value. */
  readonly path?: string;
  /** The valid values, as the end of a sentence. */
  readonly expected: string;
  /** A description of the value. */
  readonly received: string;
  /** The whole message, if it is not "<field> must be <expected>, but got <received>." */
  readonly message?: string;
  /** A sentence that follows the message. */
  readonly hint?: string;
}

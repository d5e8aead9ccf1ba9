/** What is wrong with a value, described without anything that may be secret. @internal */
export interface OptionFault {
  /** The part of the value, as it follows the name of the option: `.port`; left out for all of it. */
  readonly path?: string;
  /** What it takes, as the end of a sentence. */
  readonly expected: string;
  /** What it got, described. */
  readonly received: string;
  /** All that is to be said, if it is not "<option> takes <expected>, but got <received>." */
  readonly message?: string;
  /** A sentence to follow that one. */
  readonly hint?: string;
}

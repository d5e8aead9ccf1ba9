/** A program that the tests need, and the package that installs it. */
export interface NeededProgram {
  /** The name for messages, with its article. */
  readonly what: string;
  /** Names on the PATH, or absolute paths. The first one that exists is used. */
  readonly names: readonly string[];
  /** The Debian package. */
  readonly apt: string;
  /** The argument of `brew install`. */
  readonly brew: readonly string[];
  /** The environment variable that names another program. */
  readonly variable: string;
  /** What the user can do if the tests cannot install the program. */
  readonly whatToDo: string;
}

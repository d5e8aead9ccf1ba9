/** A program that tests need, and the package that brings it where it is missing. */
export interface NeededProgram {
  /** As the user knows it, with its article. */
  readonly what: string;
  /** On the PATH, or whole paths; the first that is there is taken. */
  readonly names: readonly string[];
  /** The package of Debian. */
  readonly apt: string;
  /** What Homebrew is told to install. */
  readonly brew: readonly string[];
  /** The environment variable that names one of the user's own. */
  readonly variable: string;
  /** What the user can do where the tests cannot help themselves. */
  readonly whatToDo: string;
}

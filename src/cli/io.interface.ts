/** The world of a command. It is injected, so that commands can be tested without a process. @internal */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  /** The working directories of this process: the actual one, and how the shell names it. */
  readonly places: readonly string[];
  /** Whether a terminal shows the output. */
  readonly isTerminal: boolean;
  /** Whether a terminal shows the notes. */
  readonly isNoteTerminal: boolean;
  /** The height of the terminal, in lines. */
  readonly rows: () => number;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Writes to standard error: progress and messages, which are no result. */
  readonly note: (text: string) => void;
  /** The time in ms since the epoch. */
  readonly now: () => number;
  /** Resolves after so many ms, or when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Calls the listener on Ctrl-C, on `q`, and on signals that end the process. Returns a function that ends it. */
  readonly onQuit: (listener: () => void) => () => void;
}

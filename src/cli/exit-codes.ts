/** The exit codes of the commands; `docs/cli.md` describes them. @internal */
export const EXIT = {
  /** It was done. */
  done: 0,
  /** It failed: a worker failed, or the doctor has found something. */
  failed: 1,
  /** The arguments are wrong, or ask for what is impossible. */
  usage: 2,
  /** No host was found. */
  noHost: 3,
  /** Several hosts match. */
  severalHosts: 4,
  /** The host does not answer, has another protocol, or has ended. */
  unreachable: 5,
} as const;

/** @internal */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

import { printableLines } from '../system/text/printable.js';
import { CliError } from './cli.error.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { jsonText } from './output/json-text.js';
import { lastOutput } from './output/last-output.js';
import { UsageError } from './usage.error.js';
import type { Io } from './io.interface.js';

/** What a failed change means for the host. */
const FAILED: Readonly<Record<string, string>> = {
  CLUSTER_RELOAD_FAILED:
    'The reload failed; workers that were not replaced continue to serve. Cause:\n',
  CLUSTER_SCALE_FAILED: 'The number of workers is unchanged. Cause:\n',
  CLUSTER_RESTART_FAILED: 'The restart failed; the worker continues to serve. Cause:\n',
};

/**
 * Reports why a command has failed: for people on standard error, with the last output of a worker that failed; with
 * `--json` on standard output.
 *
 * @returns the exit code
 * @throws other errors
 * @internal
 */
export function reportError(
  error: unknown,
  json: boolean,
  io: Pick<Io, 'print' | 'note' | 'env' | 'isNoteTerminal'>,
): ExitCode {
  const { print, note } = io;
  if (error instanceof UsageError) {
    note(`${printableLines(error.message)}\nSee nestjs-cluster help.\n`);
    return EXIT.usage;
  }
  if (!(error instanceof CliError)) {
    throw error;
  }
  const { code, message, worker } = error;
  if (json) {
    print(`${jsonText({ error: { code, message, ...(worker && { worker }) } })}\n`);
  } else {
    note(`${FAILED[code] ?? ''}${printableLines(message)}\n`);
    note(lastOutput(worker, io));
  }
  return error.exitCode;
}

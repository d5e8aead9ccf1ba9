import { parseArgs } from 'node:util';
import { MAX_WORKERS } from '../model/max-workers.js';
import { cliMessages } from './cli.messages.js';
import { UsageError } from './usage.error.js';

/** What `nestjs-cluster start` runs. @internal */
export interface StartArguments {
  /** The main file of the application. */
  readonly main: string;
  /** The arguments of the application. */
  readonly args: readonly string[];
  /** The value of `CLUSTER_WORKERS`. */
  readonly workers: string | undefined;
}

/**
 * Parses `[--workers n] main.js [--] [arguments]`. Everything after the main file belongs to the application.
 *
 * @throws UsageError
 * @internal
 */
export function parseStartArguments(argv: readonly string[]): StartArguments {
  const options = { workers: { type: 'string', short: 'w' } } as const;
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const file = tokens.find(({ kind }) => kind === 'positional');
  if (file?.kind !== 'positional') {
    throw new UsageError('The main file of the application is missing.');
  }
  const rest = argv.slice(file.index + 1);
  return {
    main: file.value,
    args: rest[0] === '--' ? rest.slice(1) : rest,
    workers: checked(workersIn(argv.slice(0, file.index), options)),
  };
}

/** As with CLUSTER_WORKERS, which the user has not set: an error about it would not name the option. */
function checked(workers: string | undefined): string | undefined {
  const isValid =
    workers === undefined ||
    workers === 'auto' ||
    (/^\d{1,9}$/.test(workers) && Number(workers) <= MAX_WORKERS);
  if (!isValid) {
    throw new UsageError(cliMessages.notWorkers('--workers', workers, MAX_WORKERS));
  }
  return workers;
}

function workersIn(
  argv: readonly string[],
  options: { readonly workers: { readonly type: 'string'; readonly short: 'w' } },
): string | undefined {
  try {
    return parseArgs({ args: [...argv], options }).values.workers;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

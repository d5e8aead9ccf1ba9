import { parseArgs } from 'node:util';

/** The backend of the shared state of the application under test. */
export type Backend = 'memory' | 'redis';

export interface ChaosSettings {
  readonly backend: Backend;
  /** The duration of load and faults in milliseconds. */
  readonly duration: number;
  /** The seed of the sequence of faults. */
  readonly seed: number;
  /** Prints the output of the application. */
  readonly verbose: boolean;
}

export const HELP = `Usage: npm run verify:chaos -- [options]

Puts an application under load, injects faults in random order, and checks what must survive.

  --backend <redis|memory>  where the state is kept (redis)
  --minutes <n>             how long (10)
  --seed <n>                which random order (taken from the clock)
  --verbose                 show what the application writes
  --help                    show this text`;

/**
 * @returns `undefined` if the help was requested
 * @throws TypeError for an unknown option or an invalid value
 */
export function parseSettings(args: string[]): ChaosSettings | undefined {
  const { values } = parseArgs({
    args,
    options: {
      backend: { type: 'string', default: 'redis' },
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    return undefined;
  }
  const { backend } = values;
  if (backend !== 'redis' && backend !== 'memory') {
    throw new TypeError(`--backend should be redis or memory, not ${JSON.stringify(backend)}.`);
  }
  return {
    backend,
    duration: positive('minutes', values.minutes) * 60_000,
    seed: positive('seed', values.seed),
    verbose: values.verbose,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new TypeError(`--${name} should be a number above 0, not ${JSON.stringify(text)}.`);
  }
  return value;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';

/** File names that Node, dotenv and thereby `@nestjs/config` read. */
const CONVENTIONAL = /^\.env($|\.)/;

/** `--env-file=x`, `--env-file-if-exists=x`, or the option with the file as the next argument. */
const OPTION = /^--env-file(?:-if-exists)?(?:=(.*))?$/;

/**
 * The variables that this process has read from environment files. Workers read the files, too, but a file does not
 * override a variable that is already set: if they inherited these variables, they would never see a changed file.
 *
 * @internal
 */
export class EnvironmentFiles {
  readonly #read = new Map<string, string>();

  /**
   * @param launched the variables that came from no file
   * @param execArgv the arguments of Node
   * @param directory where unnamed files are
   * @param env the environment after the files have been read
   */
  constructor(
    launched: ReadonlySet<string>,
    execArgv: readonly string[],
    directory: string,
    env: NodeJS.ProcessEnv,
  ) {
    for (const file of [...namedFiles(execArgv, directory), ...conventionalFiles(directory)]) {
      for (const name of namesIn(file)) {
        const value = env[name];
        if (!launched.has(name) && value !== undefined) {
          // Not the value in the file: the reader may have expanded it.
          this.#read.set(name, value);
        }
      }
    }
  }

  /** Returns the variables that came from files and have not changed since, with the value `undefined`. */
  omissions(env: NodeJS.ProcessEnv): Record<string, undefined> {
    const unchanged = [...this.#read].filter(([name, value]) => env[name] === value);
    return Object.fromEntries(unchanged.map(([name]) => [name, undefined]));
  }
}

function namedFiles(execArgv: readonly string[], directory: string): string[] {
  return execArgv.flatMap((argument, place) => {
    const match = OPTION.exec(argument);
    const file = match && (match[1] ?? execArgv[place + 1]);
    return file ? [resolve(directory, file)] : [];
  });
}

function conventionalFiles(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter(name => CONVENTIONAL.test(name));
    return names.map(name => join(directory, name));
  } catch {
    return [];
  }
}

/** Returns the variables of a file; none if it does not exist or cannot be read. */
function namesIn(file: string): string[] {
  try {
    return Object.keys(parseEnv(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}

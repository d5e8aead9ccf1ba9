import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';

/** The files of Node, of dotenv, and thereby of `@nestjs/config`. */
const CONVENTIONAL = /^\.env($|\.)/;

/** `--env-file=x`, `--env-file-if-exists=x`, or the file as the argument after that. */
const OPTION = /^--env-file(?:-if-exists)?(?:=(.*))?$/;

/**
 * What this process has read from environment files. Its workers read them, too, but take nothing from a
 * file that their environment has already: they would never see that a file has changed.
 *
 * @internal
 */
export class EnvironmentFiles {
  readonly #read = new Map<string, string>();

  /**
   * @param launched the variables that came from no file
   * @param execArgv the arguments of Node
   * @param directory where the files are that nobody names
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
          // Not as it stands in the file: whoever has read it may have expanded it.
          this.#read.set(name, value);
        }
      }
    }
  }

  /** Takes what came from files, and has not been set to something else since, from the environment. */
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

/** A file that is not there, or cannot be read, has nothing. */
function namesIn(file: string): string[] {
  try {
    return Object.keys(parseEnv(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}

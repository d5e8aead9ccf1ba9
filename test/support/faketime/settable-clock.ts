import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { provideProgram } from '../packages/provide-program.mjs';
import { FAKETIME } from './faketime-program.mjs';

/** The path of libfaketime for programs with threads, on Debian, Fedora and Homebrew, relative to `faketime`. */
const LIBRARIES = [
  '../lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '../lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '../lib64/faketime/libfaketimeMT.so.1',
  '../lib/faketime/libfaketimeMT.so.1',
  '../lib/faketime/libfaketimeMT.1.dylib',
];

/** A wall clock that a test can set while programs run. */
export class SettableClock {
  static async create(): Promise<SettableClock> {
    const clock = new SettableClock(await mkdtemp(join(tmpdir(), 'nestjs-cluster-clock-')));
    await clock.shift(0);
    return clock;
  }

  private constructor(readonly directory: string) {}

  /** The environment that makes a program use this clock. */
  get env(): Record<string, string> {
    const preload = process.platform === 'darwin' ? 'DYLD_INSERT_LIBRARIES' : 'LD_PRELOAD';
    return {
      [preload]: preloaded().join(delimiter),
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Sets the clock this many seconds ahead. */
  async shift(seconds: number): Promise<void> {
    // Atomic, because a program that reads half of the file would use a wrong time.
    await writeFile(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(`${this.#file}.new`, this.#file);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.directory, 'offset');
  }
}

/**
 * Debian's Redis uses jemalloc. jemalloc asks for the time while it initializes, and libfaketime then allocates
 * memory, which is a deadlock. Another malloc, loaded before both, avoids it.
 */
function preloaded(): string[] {
  const library = faketimeLibrary();
  const malloc = join(dirname(library), '../libc_malloc_debug.so.0');
  return existsSync(malloc) ? [malloc, library] : [library];
}

function faketimeLibrary(): string {
  const named = process.env[FAKETIME.variable];
  if (named) {
    return named;
  }
  const bin = dirname(realpathSync(provideProgram(FAKETIME)));
  const library = LIBRARIES.map(path => join(bin, path)).find(path => existsSync(path));
  if (!library) {
    throw new Error(`There is no libfaketimeMT near ${bin}.\n${FAKETIME.whatToDo}`);
  }
  return library;
}

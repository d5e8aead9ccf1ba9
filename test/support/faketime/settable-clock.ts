import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { provideProgram } from '../packages/provide-program.mjs';
import { FAKETIME } from './faketime-program.mjs';

/** The library for programs with threads, as Debian, Fedora and Homebrew have it, from where `faketime` is. */
const LIBRARIES = [
  '../lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '../lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '../lib64/faketime/libfaketimeMT.so.1',
  '../lib/faketime/libfaketimeMT.so.1',
  '../lib/faketime/libfaketimeMT.1.dylib',
];

/** A clock on the wall that a test may set while the programs run that look at it. */
export class SettableClock {
  static async create(): Promise<SettableClock> {
    const clock = new SettableClock(await mkdtemp(join(tmpdir(), 'nestjs-cluster-clock-')));
    await clock.shift(0);
    return clock;
  }

  private constructor(readonly directory: string) {}

  /** What a program needs in its environment to go by this clock. */
  get env(): Record<string, string> {
    const preload = process.platform === 'darwin' ? 'DYLD_INSERT_LIBRARIES' : 'LD_PRELOAD';
    return {
      [preload]: preloaded().join(delimiter),
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** From now on it is so many seconds ahead. */
  async shift(seconds: number): Promise<void> {
    // At once: who reads half a file takes it for another time.
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
 * jemalloc, which Debian's Redis has for its memory, asks for the time while it begins, and libfaketime for memory
 * when it is asked for the time: with another malloc in front of both, they do not wait for one another.
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

import { setTimeout as delay } from 'node:timers/promises';
import { workingDirectories } from '../control/launch-directories.js';
import { exitProcess } from '../system/process/exit.js';
import { systemClock } from '../system/time/clock.js';
import type { Io } from './io.interface.js';

const CTRL_C = 0x03;
const Q = 'q'.codePointAt(0)!;

/** The lines of a terminal that does not know its size. */
const DEFAULT_ROWS = 24;

/** Returns the world of this process. @internal */
export function processIo(): Io {
  const { env, stdout, stderr } = process;
  let isWatched = false;
  let isNoteWatched = false;
  const print = (text: string): void => {
    if (!isWatched) {
      isWatched = true;
      // A reader such as `head` may close the pipe. Not before the first text: a host survives the end of its reader.
      stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
        exitProcess(code === 'EPIPE' ? 0 : 1),
      );
    }
    stdout.write(text);
  };
  const note = (text: string): void => {
    if (!isNoteWatched) {
      isNoteWatched = true;
      // Nobody reads the notes any more. The command continues: its result does not depend on them.
      stderr.on('error', () => {});
    }
    stderr.write(text);
  };
  return {
    env,
    places: workingDirectories(env),
    isTerminal: stdout.isTTY,
    isNoteTerminal: stderr.isTTY,
    rows: () => stdout.rows || DEFAULT_ROWS,
    print,
    note,
    now: () => systemClock.wallTime(),
    wait: async (milliseconds, signal) => {
      await delay(milliseconds, undefined, { signal }).catch(() => {});
    },
    onQuit,
  };
}

function onQuit(listener: () => void): () => void {
  const { stdin } = process;
  const onKey = (keys: Buffer): void => {
    if (keys.includes(CTRL_C) || keys.includes(Q)) {
      listener();
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  signals.forEach(signal => process.on(signal, listener));
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', onKey);
  }
  return () => {
    signals.forEach(signal => process.off(signal, listener));
    if (stdin.isTTY) {
      stdin.off('data', onKey);
      stdin.setRawMode(false);
      stdin.pause();
    }
  };
}

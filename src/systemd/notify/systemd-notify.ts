import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { SendMessage } from './message-queue.js';

/** Milliseconds after which a process that cannot send its message is killed. */
const TIMEOUT_MILLISECONDS = 10_000;

/** The search path of a system without `PATH` in the environment. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Bytes of an error message that are kept. */
const MAX_ERROR = 1_000;

/**
 * Returns a function that sends messages to the service manager with `systemd-notify`, which is part of systemd: Node
 * cannot open Unix datagram sockets.
 *
 * The sender is then a child process. systemd accepts its messages with `NotifyAccess=all`. `systemd-notify` waits
 * until its message has been processed, because systemd could not tell which service a message of an exited process
 * belongs to.
 *
 * @param program the file to run; for tests
 * @internal
 */
export function systemdNotify(env: NodeJS.ProcessEnv, program = 'systemd-notify'): SendMessage {
  const ownEnv = { PATH: env['PATH'] ?? DEFAULT_PATH, NOTIFY_SOCKET: env['NOTIFY_SOCKET'] };
  return message =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...message], {
        env: ownEnv,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      // Not the option `timeout`: if the process cannot be started, its timer would keep this process alive.
      const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MILLISECONDS);
      child.once('error', ({ code, message: why }: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        reject(new Error(code === 'ENOENT' ? `${program} is not installed` : why));
      });
      let output = '';
      // Without a free file descriptor, there is no stream, although the types say so.
      (child.stderr as Readable | null)?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(0, MAX_ERROR);
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        if (code === 0) {
          resolve();
        } else {
          reject(new Error(output.trim() || `${program} ended with ${signal ?? `code ${code}`}`));
        }
      });
    });
}

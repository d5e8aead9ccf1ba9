import type { WorkerOutput } from '../output/worker-output.js';
import type { WorkerProcess } from '../node-cluster/worker-process.js';

/** On this machine only: what the worker writes may contain what others made it write. */
const LISTENING = /^Debugger listening on (ws:\/\/(?:127\.0\.0\.1|\[::1\]):\d+\/\S+)/;
const FAILED = /^Starting inspector on .* failed/;

/** What Node itself says of its inspector: nobody at the console has asked for it. */
const ANNOUNCEMENTS = [
  /^Debugger listening on ws:/,
  /^For help, see: https:\/\/nodejs\.org\//,
  /^Debugger attached\.$/,
  /^Debugger ending on ws:/,
  FAILED,
];

/**
 * Has Node open the inspector of a process, blocked or not, and hears on its standard error where. What Node
 * says of it is no longer printed: the last of that comes when nobody waits for it any more.
 *
 * The inspector lets whoever reaches it run code. It listens on 127.0.0.1, at an address with a random part
 * that only we are told, and for the moment that the worker has left to live.
 *
 * @internal
 */
export function startInspector(
  worker: Pick<WorkerProcess, 'kill'>,
  output: WorkerOutput,
): Promise<URL> {
  return new Promise((resolve, reject) => {
    output.filter(line => {
      const [, url] = LISTENING.exec(line) ?? [];
      // A line of the application may only look like it.
      if (url !== undefined && URL.canParse(url)) {
        resolve(new URL(url));
      } else if (FAILED.test(line)) {
        reject(new Error(line));
      }
      return ANNOUNCEMENTS.some(announcement => announcement.test(line));
    });
    worker.kill('SIGUSR1');
  });
}

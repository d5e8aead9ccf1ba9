import type { WorkerOutput } from '../output/worker-output.js';
import type { WorkerProcess } from '../node-cluster/worker-process.js';

/** Accepts only addresses of this machine: the worker's output may contain text that others have written. */
const LISTENING = /^Debugger listening on (ws:\/\/(?:127\.0\.0\.1|\[::1\]):\d+\/\S+)/;
const FAILED = /^Starting inspector on .* failed/;

/** Node's own messages about the inspector. They are filtered out, because the user has not opened it. */
const ANNOUNCEMENTS = [
  /^Debugger listening on ws:/,
  /^For help, see: https:\/\/nodejs\.org\//,
  /^Debugger attached\.$/,
  /^Debugger ending on ws:/,
  FAILED,
];

/**
 * Opens the inspector of a process, blocked or not, and resolves with the address that Node prints on its standard
 * error. Node's messages about the inspector are no longer printed; the last of them comes when it is no longer
 * needed.
 *
 * Whoever reaches the inspector can run code. It listens on 127.0.0.1, at an address with a random part that only
 * the primary reads, and only until the worker is killed.
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
      // A line of the application may look similar.
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

import { printable } from '../../system/text/printable.js';
import { seconds } from '../../system/text/seconds.js';
import type { InspectorError, InspectorProblem } from '../diagnostics/inspector.error.js';

/** The name of a worker in a sentence. */
interface Named {
  readonly slot: number;
  readonly pid: number;
}

const name = ({ slot, pid }: Named): string => `Worker ${slot} (pid ${pid})`;

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`;

const PROBLEMS: Readonly<Record<InspectorProblem, (detail: string, timeout: number) => string>> = {
  silent: (_, timeout) =>
    `has not opened its inspector within ${seconds(timeout)}. It runs native code, such as execSync(); or it handles SIGUSR1 itself, ` +
    'ignores it (--disable-sigusr1), or has an open inspector: then use a debugger that is connected already',
  refused: detail =>
    `could not open its inspector: ${printable(detail)}. Free the port, or start the host without --inspect-port`,
  public: detail =>
    `opened its inspector where other machines can reach it (${printable(detail)}), so it was closed. Start the host without a host name in --inspect-port`,
  unread: () => 'cannot be inspected: its standard error does not go through the primary',
  exited: () => 'has exited',
};

/** Texts about what is done inside a live worker. @internal */
export const inspectionTexts = {
  noWorker: (slot: number) =>
    `Slot ${slot} has no worker at the moment: it is being restarted. Try again when npx nestjs-cluster status shows it`,
  gone: (worker: Named) => `${name(worker)} has exited`,
  starting: (worker: Named) => `${name(worker)} has just been forked. Try again in a moment`,
  hung: (worker: Named) =>
    `${name(worker)} is hung and is killed now. The log of the host has the stack at which it is blocked`,
  busy: (worker: Named) =>
    `${name(worker)} is being inspected already. Try again when that has ended`,
  debugged: () =>
    'The workers are being debugged (--inspect), each on a port of its own. Use a debugger instead: see chrome://inspect',
  problem: (worker: Named, { problem, message }: InspectorError, timeout: number) =>
    `${name(worker)} ${PROBLEMS[problem](message, timeout)}`,
  left: (worker: Named) =>
    `${name(worker)} has left, for example because it was replaced, before the inspection was complete. Try again with the worker that has its slot now`,
  lost: (worker: Named, why: string) =>
    `The connection to ${name(worker)} was lost: it has exited, or has closed its inspector. ${printable(why)}`,
  late: (worker: Named, limit: number) =>
    `${name(worker)} did not finish within ${seconds(limit)}. Its inspector is closed`,
  cancelled: () => 'The client has gone',
  relativeFile: (file: string) => `file must be an absolute path, but got "${printable(file)}"`,
  file: (file: string, why: string) =>
    `${printable(file)} could not be written: ${why}. Choose another file with --output`,
  noSpace: (file: string, needed: number, free: number) =>
    `The disk of ${printable(file)} has ${megabytes(free)} left, and the snapshot needs at least ${megabytes(needed)}. Choose another file with --output`,
  notClosed: (worker: Named) =>
    `The inspector of ${name(worker)} is still open on the loopback interface, because the worker runs native code. It is closed as soon as the worker runs JavaScript`,
};

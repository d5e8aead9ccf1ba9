import type { DrainCause, UnfinishedWork } from '../model/host-status.interface.js';
import { plural } from '../system/text/plural.js';
import { printable, printableError, printableMessage } from '../system/text/printable.js';
import { seconds } from '../system/text/seconds.js';
import type { Hello } from '../ipc/protocol-version.js';
import type { SingleReason } from '../bootstrap/cluster-role.js';

const singleReasons: Record<SingleReason, string> = {
  'no-workers': 'workers is 0',
  'test-run':
    'this is a test run (NODE_ENV=test, or a test runner). Set CLUSTER_WORKERS to use workers anyway',
  'foreign-cluster':
    "this process is a worker of another cluster, such as PM2's cluster mode. To use the workers of nestjs-cluster, start it in fork mode",
  'worker-thread': 'this is a worker thread',
  descendant:
    'this process was started by another host of nestjs-cluster. To use workers anyway, set CLUSTER_WORKERS to a different value than that host has',
  context:
    "this is an application context. To run it in workers, set the option contexts (CLUSTER_CONTEXTS) to 'cluster'",
  'no-factory':
    'NestFactory did not create the application, or its call began before this package was imported. To use workers, import the root module in a statement of its own before that call',
};

/** The log lines of the process that runs the application. @internal */
export const workerMessages = {
  single: (why: SingleReason) => `Single mode, no workers: ${singleReasons[why]}`,
  drains: (cause: DrainCause) => `This worker is draining (${cause})`,
  doesNotListen: (error: unknown, retryAfter: number) =>
    `This worker could not listen again after an overload; retrying in ${retryAfter} ms: ${printableError(error)}`,
  noDescriptor: () =>
    'This worker has no free file descriptor and cannot receive new connections. These go to other workers, or wait. Raise the limit of open files (ulimit -n, LimitNOFILE= of systemd), or find out what keeps so many files and connections open',
  invalid: (reason: string) =>
    `The primary sent an invalid message, which was ignored; further ones are ignored without a log line. Reason: ${printableMessage(reason)}`,
  fault: (what: string) =>
    `${printable(what)} from the primary could not be handled. This is a bug in nestjs-cluster; please report it`,
  incompatible: (
    primary: number,
    protocol: string | undefined,
    { version, protocol: own }: Hello,
  ) =>
    `This worker runs nestjs-cluster ${version} (protocol ${own}), but its primary (pid ${primary}) runs ${protocol ? `protocol ${printable(protocol)}` : 'an older version without a protocol version'}. Restart the host: a reload replaces the workers but not the primary`,
  unfinished: ({ requests, messages, tasks }: UnfinishedWork, time: number, cause: DrainCause) =>
    `The connection time of the drain (${seconds(time)}) is over, and this process has not finished ` +
    `${plural(requests, 'request')}, ${plural(messages, 'message')} and ${plural(tasks, 'task')} (jobs and waitUntil()). ` +
    `The connections of these requests are closed${cause === 'orphaned' ? '' : '. To give them more time, raise shutdown.timeout'}`,
  workFailed: () => 'Work that was given to waitUntil() failed',
  waitsFor: (applications: readonly string[]) =>
    `This process is not ready yet: it waits until these applications listen: ${applications.map(name => printable(name)).join(', ')}`,
  closeFailed: () => 'Closing the application failed',
};

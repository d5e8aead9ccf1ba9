import type { DrainCause } from '../model/host-status.interface.js';
import { printable, printableError, printableMessage } from '../system/text/printable.js';
import type { Hello } from '../ipc/protocol-version.js';
import type { SingleReason } from '../bootstrap/cluster-role.js';

const singleReasons: Record<SingleReason, string> = {
  'no-workers': 'workers is 0',
  'test-run':
    'this is a test run (NODE_ENV=test, or a test runner). Set CLUSTER_WORKERS to have workers all the same',
  'foreign-cluster':
    "this process is a worker of another cluster, such as PM2's cluster mode. To have workers of ours, start it in fork mode",
  'worker-thread': 'this is a worker thread',
  descendant:
    'this process was started by a process of another host of nestjs-cluster. To have workers all the same, set CLUSTER_WORKERS to another value than that host has',
  context:
    "this is an application context. To run it in workers, set the option contexts (CLUSTER_CONTEXTS) to 'cluster'",
  'no-factory': 'the application was not created by NestFactory',
};

/** What the process says that runs the application. @internal */
export const workerMessages = {
  single: (why: SingleReason) => `Single mode, no workers: ${singleReasons[why]}`,
  drains: (cause: DrainCause) => `This worker drains (${cause})`,
  doesNotListen: (error: unknown, retryAfter: number) =>
    `This worker cannot listen again, and tries once more in ${retryAfter} ms: ${printableError(error)}`,
  invalid: (reason: string) =>
    `The primary sent an invalid message; it was ignored, as are further ones: ${printableMessage(reason)}`,
  fault: (what: string) =>
    `${printable(what)} from the primary could not be handled. This is a fault of nestjs-cluster`,
  incompatible: (
    primary: number,
    protocol: string | undefined,
    { version, protocol: own }: Hello,
  ) =>
    `This worker has nestjs-cluster ${version} (protocol ${own}), but its primary (pid ${primary}) runs ${protocol ? `protocol ${printable(protocol)}` : 'an older version without a protocol version'}. Restart the host: a reload replaces workers, but not the primary`,
  closeFailed: () => 'The application could not be closed cleanly',
};

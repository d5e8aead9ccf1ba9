import { printable } from '../system/text/printable.js';
import { seconds } from '../system/text/seconds.js';
import type { ProcessEnd } from './recorded-worker.js';

const LOADED = 'This process has loaded the application, as it does without nestjs-cluster/start';

const ended = ({ code, signal }: ProcessEnd): string =>
  signal
    ? `was terminated by ${signal}`
    : code === null
      ? 'could not be started'
      : `exited with code ${code}`;

/** The log lines of a primary that does not load the application. @internal */
export const startMessages = {
  unsuitable: (reasons: readonly string[]) =>
    `The primary needs the application: ${printable(reasons.join('; '))}. ${LOADED}`,
  ended: (pid: number, end: ProcessEnd) =>
    `Worker 0 (pid ${pid}) ${ended(end)} before its options were known. ${LOADED}`,
  incompatible: (pid: number) =>
    `Worker 0 (pid ${pid}) uses another version of nestjs-cluster than this process. ${LOADED}`,
  keepsApplication: (reasons: readonly string[]) =>
    `The primary keeps the application in its memory: ${printable(reasons.join('; '))}`,
  silent: (pid: number, milliseconds: number) =>
    `Worker 0 (pid ${pid}) has not created its application within ${seconds(milliseconds)}. The host waits for the options ` +
    'of the application. Does the application import ClusterModule.forRoot()?',
  listens: (pid: number) =>
    `Worker 0 (pid ${pid}) listens, but has not created an application that imports ClusterModule.forRoot(). ` +
    'This process loads the application, as it does without nestjs-cluster/start',
  otherWorkers: (given: number, used: number) =>
    `CLUSTER_WORKERS is ${given}, but the code of the application sets the option workers to ${used}, which is used`,
};

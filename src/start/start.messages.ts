import { printable } from '../system/text/printable.js';
import type { ProcessEnd } from './recorded-worker.js';

const ORDINARY = 'This process has loaded the application, as it does without nestjs-cluster/start';

const ended = ({ code, signal }: ProcessEnd): string =>
  signal
    ? `was terminated by ${signal}`
    : code === null
      ? 'could not be started'
      : `exited with code ${code}`;

/** The log lines of a primary that does not load the application. @internal */
export const startMessages = {
  unsuitable: (reasons: readonly string[]) =>
    `The primary needs the application: ${printable(reasons.join('; '))}. ${ORDINARY}`,
  ended: (pid: number, end: ProcessEnd) =>
    `Worker 0 (pid ${pid}) ${ended(end)} before its options were known. ${ORDINARY}`,
  incompatible: (pid: number) =>
    `Worker 0 (pid ${pid}) uses another version of nestjs-cluster than this process. ${ORDINARY}`,
  silent: (pid: number, milliseconds: number) =>
    `Worker 0 (pid ${pid}) has not created its application within ${milliseconds / 1000} s, so its options are not known. ` +
    'The other workers are started when they are. Does the application import ClusterModule.forRoot()?',
};

import { printable } from '../system/text/printable.js';

const readyOf = (ready: number, wanted: number): string => `${ready} of ${wanted} workers ready.`;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

/** Problems of a host and its workers, as the health endpoints and the log report them. @internal */
export const healthMessages = {
  stopping: () => 'The host is stopping.',
  ready: readyOf,
  restarts: (count: number, limit: number) =>
    `${count} workers had to be replaced in the last minute (limit ${limit}).`,
  primarySilent: (milliseconds: number) =>
    `The primary has not answered within ${milliseconds} ms.`,
  primaryGone: () =>
    'This worker is stopping and its primary does not answer, so it will not be replaced.',
  notStarted: (ready: number, wanted: number) => `The host is starting: ${readyOf(ready, wanted)}`,
  ofWorker: (slot: number, problem: string) => `Worker ${slot}: ${problem}`,
  blocked: (milliseconds: number, limit: number) =>
    `its event loop has been blocked for ${milliseconds} ms (limit ${limit}).`,
  eventLoopDelay: (delay: number, limit: number) =>
    `its event loop was ${delay} ms late in the last 10 s (99th percentile; limit ${limit}).`,
  eventLoopUtilization: (share: number, limit: number) =>
    `its event loop is busy ${percent(share)} of the time (limit ${percent(limit)}).`,
  memory: (bytes: number, limit: number) =>
    `it uses ${mebibytes(bytes)} of memory (limit ${mebibytes(limit)}).`,
  missedEvents: (count: number, limit: number) =>
    `it has missed ${count} events of the bus in the last minute (limit ${limit}).`,
  busQueue: (fullness: number, limit: number) =>
    `a queue of its bus is ${percent(fullness)} full (limit ${percent(limit)}).`,
  stateUnreachable: () => 'The backend of the shared state cannot be reached.',
  stateSilent: (milliseconds: number) =>
    `The backend of the shared state has not answered for ${Math.round(milliseconds)} ms.`,
  stateSlow: (milliseconds: number, limit: number) =>
    `The backend of the shared state took ${Math.round(milliseconds)} ms to answer (limit ${limit}).`,
  indicatorFailed: () => 'The indicator failed; the log has the error.',
  indicatorMalformed: () =>
    'The indicator did not return a health indicator result; the log has what it returned.',
  unready: (names: readonly string[]) =>
    `Not ready: ${names.map(each => printable(each)).join(', ')}.`,
  readyAgain: () => 'Ready again.',
  indicatorSilent: (milliseconds: number) =>
    `The indicator has not answered within ${milliseconds} ms.`,
} as const;

const isOrAre = (count: number): string => (count === 1 ? 'is' : 'are');

const workers = (count: number): string => `${count} worker${count === 1 ? '' : 's'}`;

const readyOf = (ready: number, wanted: number): string =>
  `${ready} of ${workers(wanted)} ${isOrAre(ready)} ready.`;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

/** What is said of a host and its workers. @internal */
export const healthMessages = {
  stopping: () => 'The host stops.',
  ready: readyOf,
  restarts: (count: number, limit: number) =>
    `${workers(count)} ended in the last minute and had to be replaced (limit ${limit}).`,
  primarySilent: (milliseconds: number) =>
    `The primary has not answered within ${milliseconds} ms.`,
  primaryGone: () => 'This worker leaves, and its primary does not answer.',
  notStarted: (ready: number, wanted: number) => `The host is starting: ${readyOf(ready, wanted)}`,
  ofWorker: (slot: number, problem: string) => `Worker ${slot}: ${problem}`,
  blocked: (milliseconds: number, limit: number) =>
    `its event loop has been blocked for ${milliseconds} ms (limit ${limit}).`,
  eventLoopDelay: (delay: number, limit: number) =>
    `its event loop was ${delay} ms late in the last 10 s (99th percentile; limit ${limit}).`,
  eventLoopUtilization: (share: number, limit: number) =>
    `its event loop is busy for ${percent(share)} of the time (limit ${percent(limit)}).`,
  memory: (bytes: number, limit: number) =>
    `it uses ${mebibytes(bytes)} of memory (limit ${mebibytes(limit)}).`,
  missedEvents: (count: number, limit: number) =>
    `it has missed ${count} events of the bus in the last minute (limit ${limit}).`,
  busQueue: (fullness: number, limit: number) =>
    `a queue of its bus is ${percent(fullness)} full (limit ${percent(limit)}).`,
  stateUnreachable: (milliseconds: number) =>
    `The backend of the shared state cannot be reached, for ${Math.round(milliseconds)} ms now.`,
  stateSilent: (milliseconds: number) =>
    `The backend of the shared state has not answered for ${Math.round(milliseconds)} ms.`,
  stateSlow: (milliseconds: number, limit: number) =>
    `The backend of the shared state took ${Math.round(milliseconds)} ms to answer (limit ${limit}).`,
  indicatorSilent: (milliseconds: number) => `It has not answered within ${milliseconds} ms.`,
} as const;

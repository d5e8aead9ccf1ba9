import type { ServiceFacts, ServicePhase } from './service-facts.js';

/** A message to the service manager: assignments, one a line. See sd_notify(3). @internal */
export type ServiceMessage = readonly string[];

/** Milliseconds between two extensions of the timeout of a reload or a stop. @internal */
export const EXTENSION_INTERVAL = 10_000;

/** Milliseconds by which the timeout is extended: twice the interval, so that one late message does no harm. */
const EXTENSION = 2 * EXTENSION_INTERVAL;

const EXTEND = `EXTEND_TIMEOUT_USEC=${EXTENSION * 1_000}`;

/** Each phase with the lines that announce it. */
const ANNOUNCEMENTS: Readonly<Record<ServicePhase, (now: bigint) => ServiceMessage>> = {
  starting: () => [],
  ready: () => ['READY=1'],
  reloading: now => ['RELOADING=1', `MONOTONIC_USEC=${now}`, EXTEND],
  stopping: () => ['STOPPING=1', EXTEND],
};

const STATUS: Readonly<Record<ServicePhase, (facts: ServiceFacts) => string>> = {
  starting: facts => `Starting: ${workers(facts)}`,
  ready: facts =>
    `${workers(facts)}, generation ${facts.generation}` +
    (facts.hasFailedReload ? '; the last reload failed' : ''),
  reloading: facts => `Reloading to generation ${facts.generation}: ${workers(facts)}`,
  stopping: ({ running }) =>
    `Stopping: ${running} ${running === 1 ? 'worker is' : 'workers are'} left`,
};

/**
 * Returns the lines for the service manager when the host has changed; none if there is nothing new to tell.
 *
 * @param before what it was told last, if anything
 * @param microseconds the monotonic time. systemd ignores the announcement of a reload that is older than the signal
 *   which it has sent
 * @internal
 */
export function serviceMessage(
  before: ServiceFacts | undefined,
  now: ServiceFacts,
  microseconds: bigint,
): ServiceMessage {
  const status = statusText(now);
  return [
    ...(now.phase === before?.phase ? [] : ANNOUNCEMENTS[now.phase](microseconds)),
    ...(before && status === statusText(before) ? [] : [`STATUS=${status}`]),
  ];
}

/** Returns the lines that extend the timeout of a phase. Starting has a timeout that is not extended. @internal */
export function extensionOf(phase: ServicePhase): ServiceMessage {
  return phase === 'reloading' || phase === 'stopping' ? [EXTEND] : [];
}

function statusText(facts: ServiceFacts): string {
  return STATUS[facts.phase](facts);
}

function workers({ ready, wanted }: ServiceFacts): string {
  return `${ready} of ${wanted} ${wanted === 1 ? 'worker' : 'workers'} ready`;
}

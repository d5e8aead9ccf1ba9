import { setTimeout as delay } from 'node:timers/promises';
import type { ActionContext } from './action.interface.js';
import type { ResultFile } from './result-file.js';

/** Microseconds between two samples, as in the DevTools. */
const MIN_INTERVAL = 1_000;

/** The most samples of a profile: it is one message, which is in the memory of the primary for a moment. */
const MAX_SAMPLES = 60_000;

const BEGIN = '"profile":';
const END = '}}';

/** Writes a CPU profile of so many seconds. @internal */
export async function cpuProfile(
  { session, pid, signal, item }: ActionContext,
  seconds: number,
  file: ResultFile,
): Promise<void> {
  await session.command('Profiler.enable');
  await session.command('Profiler.setSamplingInterval', { interval: samplingInterval(seconds) });
  await session.command('Profiler.start');
  item({ type: 'profiling', pid, seconds });
  await Promise.race([delay(seconds * 1_000, undefined, { signal }), session.closed]);
  await file.write(profileIn(await session.rawCommand('Profiler.stop')));
}

/** Returns the microseconds between two samples. @internal */
export function samplingInterval(seconds: number): number {
  return Math.max(MIN_INTERVAL, Math.ceil((seconds * 1_000_000) / MAX_SAMPLES));
}

/**
 * Returns the profile of a reply, which is not parsed: that would block the primary.
 *
 * @throws Error if the reply has none
 * @internal
 */
export function profileIn(reply: Buffer): Buffer {
  const begin = reply.subarray(0, 64).indexOf(BEGIN);
  const end = reply.length - END.length;
  if (begin === -1 || reply.toString('latin1', end) !== END) {
    throw new Error(`The inspector sent no profile, but ${reply.toString('utf8', 0, 200)}`);
  }
  return reply.subarray(begin + BEGIN.length, end);
}

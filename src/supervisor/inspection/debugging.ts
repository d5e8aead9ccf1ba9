import { setTimeout as delay } from 'node:timers/promises';
import type { InspectResult } from '../../control/inspection.js';
import type { ActionContext } from './action.interface.js';

/** Leaves the inspector to a debugger until the time is over, the client has gone or the worker exits. @internal */
export async function debugging(
  { url, session, pid, signal, item }: ActionContext,
  minutes: number,
): Promise<InspectResult['ended']> {
  const remaining = minutes * 60_000;
  item({ type: 'open', pid, url: url.href, remaining });
  const over = new AbortController();
  const time = delay(remaining, 'time' as const, {
    signal: AbortSignal.any([signal, over.signal]),
  });
  try {
    return await Promise.race([time, session.closed.then(() => 'exited' as const)]);
  } finally {
    over.abort();
    time.catch(() => {});
  }
}

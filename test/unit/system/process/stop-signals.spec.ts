import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenToStopSignals } from '../../../../src/system/process/stop-signals.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';

function listening() {
  const clock = new FakeClock();
  const source = new EventEmitter();
  const calls: string[] = [];
  const target = {
    stop: (signal: string) => calls.push(`stop ${signal}`),
    stopAtOnce: (code: number) => calls.push(`at once ${code}`),
  };
  const unlisten = listenToStopSignals(
    target,
    clock,
    source as unknown as Pick<NodeJS.Process, 'on' | 'off'>,
  );
  const send = (signal: string): void => void source.emit(signal, signal);
  return { clock, source, calls, unlisten, send };
}

describe('listenToStopSignals()', () => {
  it('takes signals that come together for one', async () => {
    const { clock, calls, send } = listening();
    send('SIGINT');
    send('SIGINT');
    await clock.advance(499);
    send('SIGINT');
    expect(calls).toEqual(['stop SIGINT']);
  });

  it('stops at once on a further SIGINT, and not on a further SIGTERM', async () => {
    const { clock, calls, send } = listening();
    send('SIGTERM');
    await clock.advance(5_000);
    send('SIGTERM');
    await clock.advance(5_000);
    send('SIGINT');
    expect(calls).toEqual(['stop SIGTERM', 'at once 130']);
  });

  it('takes its listeners away', () => {
    const { source, unlisten } = listening();
    unlisten();
    expect(source.eventNames()).toEqual([]);
  });
});

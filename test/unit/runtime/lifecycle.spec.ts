import type { INestApplicationContext } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HttpConnections } from '../../../src/drain/http/http-connections.js';
import type { LeaveTerms } from '../../../src/ipc/supervision.protocol.js';
import type { Host } from '../../../src/runtime/host.interface.js';
import { Lifecycle } from '../../../src/runtime/lifecycle.js';

const STOP: LeaveTerms = { cause: 'stop', timeout: 10_000, idleTimeout: 500 };

/** What has happened, in order. */
let log: string[];
let terms: LeaveTerms;
/** How many connections come with each of the next round trips to the host. */
let arriving: number[];
let accepted: number;
let lifecycle: Lifecycle;
/** What the drain waits for beside connections, and what is called when some of it has ended. */
let pending: { readonly size: number };
/** Which connections are left at the end of the drain. */
let remaining: { readonly inFlight: number; readonly messages: number };
/** What the drain has not finished, as the host was told. */
let unfinished: unknown;
let onSettled: () => void;

const host = {
  killGrace: 0,
  ready: () => log.push('ready'),
  listening: () => {},
  leave: async (cause: string) => {
    log.push(`leave ${cause}`);
    return terms;
  },
  flush: async () => {
    log.push('flush');
    accepted += arriving.shift() ?? 0;
  },
  left: async (_: unknown, left: unknown) => {
    unfinished = left;
    log.push('left');
  },
};

const connections = {
  get accepted() {
    return accepted;
  },
  announceEnd: (budget: number) => log.push(`announce ${budget}`),
  stopAccepting: () => log.push('stopAccepting'),
  waitFor: (waited: typeof pending) => {
    pending = waited;
    return () => onSettled();
  },
  drain: async (timeout: number, idleTimeout?: number) => {
    log.push(`drain ${timeout > 7_000 && timeout <= 8_000} ${idleTimeout}`);
    if (remaining.inFlight === 0) {
      while (pending.size > 0) {
        await new Promise<void>(resolve => (onSettled = resolve));
      }
    }
    return remaining;
  },
};

/** An application that closes as Nest has it: it drains, and then says that it is closed. */
function application(failure?: Error): INestApplicationContext {
  const app = {
    close: async (signal?: string) => {
      await lifecycle.closing(app as unknown as INestApplicationContext);
      log.push(`close ${signal}`);
      if (failure) {
        throw failure;
      }
      await lifecycle.closed(app as unknown as INestApplicationContext);
    },
  };
  return app as unknown as INestApplicationContext;
}

beforeEach(() => {
  vi.useFakeTimers();
  log = [];
  terms = STOP;
  arriving = [];
  remaining = { inFlight: 0, messages: 0 };
  unfinished = undefined;
  accepted = 0;
  host.killGrace = 0;
  onSettled = () => {};
  lifecycle = new Lifecycle(
    host as unknown as Host,
    connections as unknown as HttpConnections,
    code => log.push(`exit ${code}`),
    {
      warn: message => log.push(`warn ${String(message)}`),
      error: message => log.push(`error ${String(message)}`),
    },
    { onReady: () => log.push('onReady'), onClosed: () => log.push('onClosed') },
  );
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a process that runs an application', () => {
  it('is ready once', () => {
    lifecycle.ready();
    lifecycle.ready();
    expect(log).toEqual(['ready', 'onReady']);
  });

  it('runs what waits until it is ready, and what comes later at once', () => {
    lifecycle.whenReady(() => log.push('early'));
    expect(log).toEqual([]);
    lifecycle.ready();
    lifecycle.ready();
    lifecycle.whenReady(() => log.push('late'));
    expect(log).toEqual(['ready', 'onReady', 'early', 'late']);
  });

  it('is not ready any more once it drains', async () => {
    lifecycle.register(application());
    await lifecycle.drain('stop');
    log = [];
    lifecycle.ready();
    expect(log).toEqual([]);
  });

  it('may become ready before it tells the host that it leaves on its own, once', async () => {
    lifecycle.beforeAskingToLeave(() => lifecycle.ready());
    lifecycle.register(application());
    await Promise.all([lifecycle.drain('close'), lifecycle.drain('close')]);
    expect(log.slice(0, 3)).toEqual(['ready', 'onReady', 'leave close']);
  });

  it('does not become ready when the host has told it to leave', async () => {
    lifecycle.beforeAskingToLeave(() => lifecycle.ready());
    lifecycle.register(application());
    await lifecycle.leave('stop', STOP);
    expect(log).not.toContain('ready');
  });

  it('says what it has not finished in time, and how it gets more time', async () => {
    remaining = { inFlight: 2, messages: 1 };
    lifecycle.register(application());
    lifecycle.waitUntil(new Promise(() => {}));
    await lifecycle.leave('stop', STOP);
    expect(unfinished).toEqual({ requests: 2, messages: 1, tasks: 1 });
    expect(log).toContain(
      'warn The connection time of the drain (8.0 s) is over, and this process has not finished 2 requests, 1 message and 1 task (jobs and waitUntil()). ' +
        'The connections of these requests are closed. To give them more time, raise shutdown.timeout',
    );
  });

  it('rounds the time that it had', async () => {
    remaining = { inFlight: 1, messages: 0 };
    lifecycle.register(application());
    await lifecycle.leave('stop', { ...STOP, timeout: 3_997 });
    expect(log.join()).toContain('The connection time of the drain (3.2 s) is over');
  });

  it('says nothing of the kind when it has finished everything', async () => {
    lifecycle.register(application());
    await lifecycle.leave('stop', STOP);
    expect(unfinished).toBeUndefined();
    expect(log.join()).not.toContain('warn');
  });

  it('leaves in order: it drains, closes, says so, and ends', async () => {
    lifecycle.register(application());
    await lifecycle.leave('stop', STOP, 'SIGTERM');
    expect(log).toEqual([
      'announce 8000',
      'flush',
      'stopAccepting',
      'flush',
      'drain true 500',
      'close SIGTERM',
      'left',
      'exit 0',
    ]);
  });

  it('does what comes last when all hooks have run, and leaves even if it fails', async () => {
    lifecycle.beforeLeft(async () => void log.push('last'));
    lifecycle.beforeLeft(() => Promise.reject(new Error('It fails.')));
    lifecycle.register(application());
    await lifecycle.leave('stop', STOP, 'SIGTERM');
    expect(log.slice(-4)).toEqual(['close SIGTERM', 'last', 'left', 'exit 0']);
  });

  it('does what comes last if the application is closed by other code, too', async () => {
    lifecycle.beforeLeft(async () => void log.push('last'));
    const app = application();
    lifecycle.register(app);
    await app.close();
    expect(log.slice(-3)).toEqual(['last', 'left', 'onClosed']);
  });

  it('takes what the primary has accepted, until none comes within a round trip', async () => {
    arriving = [2, 1, 0, 5];
    lifecycle.register(application());
    await lifecycle.drain('stop');
    expect(log.slice(0, 6)).toEqual([
      'leave stop',
      'announce 8000',
      'flush',
      'flush',
      'flush',
      'stopAccepting',
    ]);
  });

  it('stops to accept at once where others go on to', async () => {
    terms = { ...STOP, cause: 'reload' };
    lifecycle.register(application());
    await lifecycle.drain('reload');
    expect(log.slice(0, 3)).toEqual(['leave reload', 'announce 8000', 'stopAccepting']);
  });

  it('drains for the cause that the host gives, and lets everybody know', async () => {
    terms = { ...STOP, cause: 'reload' };
    lifecycle.register(application());
    expect([lifecycle.timeLeft, lifecycle.drainSignal.aborted]).toEqual([undefined, false]);
    await lifecycle.drain('stop');
    expect([lifecycle.drainCause, lifecycle.drainSignal.aborted]).toEqual(['reload', true]);
    expect(lifecycle.timeLeft).toBeGreaterThan(7_000);
    expect(lifecycle.timeLeft).toBeLessThanOrEqual(8_000);
  });

  it('waits for work before it closes the application, and logs work that fails', async () => {
    lifecycle.register(application());
    lifecycle.waitUntil(Promise.reject(new Error('no connection')));
    lifecycle.waitUntil(
      new Promise<void>(resolve => setTimeout(() => (log.push('work'), resolve()), 7_000)),
    );
    const left = lifecycle.leave('stop', STOP);
    await vi.advanceTimersByTimeAsync(7_000);
    // The end of work is noticed in the next turn.
    await vi.advanceTimersByTimeAsync(1);
    await left;
    expect(log.filter(each => /^(error|work|close)/.test(each))).toEqual([
      'error Work that was given to waitUntil() failed',
      'work',
      'close undefined',
    ]);
  });

  it('leaves once, on the terms of whoever comes first', async () => {
    lifecycle.register(application());
    await Promise.all([lifecycle.leave('stop', STOP), lifecycle.leave('reload')]);
    expect(log.filter(each => /^(leave|announce|left|exit)/.test(each))).toEqual([
      'announce 8000',
      'left',
      'exit 0',
    ]);
    expect(lifecycle.drainCause).toBe('stop');
  });

  it('ends with a failure, and its reason, when an application fails to close', async () => {
    lifecycle.register(application(new Error('a hook failed')));
    await lifecycle.leave('stop', STOP);
    expect(log.filter(each => each.startsWith('error'))).toHaveLength(1);
    expect(log.slice(-2)).toEqual(['left', 'exit 1']);
  });

  it('ends when its time is over, whatever still hangs', async () => {
    const hangs = { close: () => new Promise<void>(() => {}) };
    lifecycle.register(hangs as unknown as INestApplicationContext);
    void lifecycle.leave('stop', STOP);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(log).not.toContain('exit 1');
    await vi.advanceTimersByTimeAsync(200);
    expect(log).toContain('exit 1');
  });

  it('gives a host that kills it the time to do so first', async () => {
    host.killGrace = 1_000;
    const hangs = { close: () => new Promise<void>(() => {}) };
    lifecycle.register(hangs as unknown as INestApplicationContext);
    void lifecycle.leave('stop', STOP);
    await vi.advanceTimersByTimeAsync(10_999);
    expect(log).not.toContain('exit 1');
    await vi.advanceTimersByTimeAsync(200);
    expect(log).toContain('exit 1');
  });

  it('ends at once with its host, however much time it had', async () => {
    host.killGrace = 1_000;
    const hangs = { close: () => new Promise<void>(() => {}) };
    lifecycle.register(hangs as unknown as INestApplicationContext);
    void lifecycle.leave('stop', STOP);
    host.killGrace = 0;
    void lifecycle.leave('orphaned', { cause: 'orphaned', timeout: 3_500 });
    await vi.advanceTimersByTimeAsync(3_700);
    expect(log).toContain('exit 1');
  });

  it('ends without an application at once on terms, and otherwise when the host knows why', async () => {
    await lifecycle.leave('stop', STOP);
    expect(log).toEqual(['exit 0']);
    log = [];
    await lifecycle.leave('stop');
    expect(log).toEqual(['leave stop', 'exit 0']);
  });

  it('drains an application that came while the host was asked', async () => {
    const left = lifecycle.leave('stop');
    lifecycle.register(application());
    await left;
    expect(log).toContain('close undefined');
    expect(log.slice(-2)).toEqual(['left', 'exit 0']);
  });

  it('tells the host, and does not end, when somebody else closes the last application', async () => {
    const [one, other] = [application(), application()];
    [one, other].forEach(app => lifecycle.register(app));
    await one.close();
    expect(log).toEqual(['close undefined']);
    await other.close();
    expect(log.slice(-3)).toEqual(['close undefined', 'left', 'onClosed']);
    expect(log).toContain('leave close');
  });

  it('does not live on for a context, nor end with one while an application runs', async () => {
    const [app, context] = [application(), application()];
    lifecycle.register(app);
    lifecycle.register(context, true);
    await context.close();
    expect(log).toEqual(['close undefined']);
    const late = application();
    lifecycle.register(late, true);
    await app.close();
    expect(log.slice(-2)).toEqual(['left', 'onClosed']);
    log = [];
    await late.close();
    expect(log).toEqual(['close undefined']);
  });
});

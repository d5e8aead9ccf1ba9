import { describe, expect, it, vi } from 'vitest';
import type { HostCommand } from '../../../../src/cli/commands/command.interface.js';
import { logs } from '../../../../src/cli/commands/logs.js';
import { metrics } from '../../../../src/cli/commands/metrics.js';
import { events } from '../../../../src/cli/commands/events.js';
import { inspect } from '../../../../src/cli/commands/inspections.js';
import { status as statusCommand } from '../../../../src/cli/commands/status.js';
import { top } from '../../../../src/cli/commands/top.js';
import type { ControlClient } from '../../../../src/cli/host/control-client.js';
import { processIo } from '../../../../src/cli/process-io.js';
import { deferred } from '../../../../src/system/async/deferred.js';
import { FakeControlledHost } from '../../../support/fakes/fake-controlled-host.js';
import { FakeIo } from '../../../support/fakes/fake-io.js';

const hello = { name: 'shop', pid: 100, version: '1.2.3' };

type Request = (onItem: (value: unknown) => void) => Promise<unknown>;

/** Runs a command on a host that replies so. */
async function run(command: HostCommand, request: Request, io: FakeIo, options = {}) {
  const client = {
    hello,
    request: (_name: string, _params: object, onItem: (value: unknown) => void) => request(onItem),
  } as unknown as ControlClient;
  return command(client, { args: [], options, json: false }, io);
}

const status: Request = () => Promise.resolve(new FakeControlledHost().status());

describe('top', () => {
  it('ends at once while the host does not reply, and leaves the terminal as it was', async () => {
    const io = new FakeIo();
    io.isTerminal = true;
    const reply = deferred<unknown>();
    const ended = run(top, () => reply.promise, io);
    io.quit();
    expect(await ended).toBe(0);
    expect(io.printed.endsWith('\u001B[?25h\u001B[?1049l')).toBe(true);
    expect(io.quitListeners.size).toBe(0);
    // The end of the connection rejects the request: this must be no unhandled rejection.
    reply.reject(new Error('The host has ended'));
  });

  it('says so while the host does not reply', async () => {
    vi.useFakeTimers();
    try {
      const io = new FakeIo();
      io.isTerminal = true;
      const replies = [status(() => {}), deferred<unknown>().promise];
      const ended = run(top, () => replies.shift()!, io);
      await vi.advanceTimersByTimeAsync(2_900);
      expect(io.printed).toContain('2 of 2 workers ready');
      expect(io.printed).not.toContain('does not answer');
      await vi.advanceTimersByTimeAsync(100);
      const [, last = ''] = io.printed.split('\u001B[J');
      expect(last).toContain('2 of 2 workers ready');
      expect(last).toContain('The host does not answer');
      expect(last).toContain('q to quit');
      io.quit();
      expect(await ended).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('says so in a pipe, too', async () => {
    vi.useFakeTimers();
    try {
      const io = new FakeIo();
      const reply = deferred<unknown>();
      const ended = run(top, () => reply.promise, io, { count: '1' });
      await vi.advanceTimersByTimeAsync(3_000);
      expect(io.noted).toContain('The host does not answer');
      reply.resolve(await status(() => {}));
      expect(await ended).toBe(0);
      expect(io.printed).toContain('2 of 2 workers ready');
    } finally {
      vi.useRealTimers();
    }
  });

  it('looks as often as it should, and waits between two looks', async () => {
    const io = new FakeIo();
    expect(await run(top, status, io, { count: '3', interval: '86400' })).toBe(0);
    expect(io.printed.match(/workers ready/g)).toHaveLength(3);
    expect(io.waits).toEqual([86_400_000, 86_400_000]);
  });

  it.each([
    [{ interval: '0' }, '--interval must be at least 1.'],
    [{ interval: '86401' }, '--interval must be at most 86400.'],
    [{ count: '0' }, '--count must be at least 1.'],
  ])('refuses %j', async (options, message) => {
    const io = new FakeIo();
    await expect(run(top, status, io, options)).rejects.toThrow(message);
    expect(io.printed).toBe('');
  });
});

describe('a newer host', () => {
  it('may have states and reasons that are unknown here', async () => {
    const now = new FakeControlledHost().status();
    const lastExit = { code: 0, signal: null, reason: 'evicted\u001B[2J', at: 0 };
    const workers = [{ ...now.workers[0], state: 'hibernating', lastExit }];
    const io = new FakeIo();
    const reply = { ...now, state: 'migrating', workers };
    expect(await run(statusCommand, () => Promise.resolve(reply), io)).toBe(0);
    expect(io.printed).toContain('migrating for 2.0 s');
    expect(io.printed).toMatch(/0 +101 +0 +hibernating/);
    expect(io.printed).toContain('(evicted\\x1b[2J) with code 0');
  });

  it.each([
    [{ type: 'workerMoved', at: 0, to: 3 }, 'The host workerMoved {"type":"workerMoved"'],
    [
      { type: 'workerListening', at: 0, slot: 0, generation: 0, id: 1, pid: 5, address: 'a:1' },
      'workerListening {"type":"workerListening"',
    ],
    [
      { type: 'workerDraining', at: 0, slot: 0, generation: 0, id: 1, pid: 5, cause: 'moved' },
      'Worker 0 (generation 0, pid 5) drains (moved)',
    ],
  ])('may have events that are unknown here: %j', async (event, text) => {
    const io = new FakeIo();
    await run(events, async onItem => onItem(event), io);
    expect(io.printed).toContain(text);
  });

  it('may end an inspection for a reason that is unknown here', async () => {
    const io = new FakeIo();
    const reply = { slot: 1, pid: 5, ended: 'moved' };
    const client = { hello, request: () => Promise.resolve(reply) } as unknown as ControlClient;
    expect(await inspect(client, { args: ['1'], options: {}, json: false }, io)).toBe(0);
    expect(io.noted).toBe('moved. The inspector is closed.\n');
  });

  it('ends a command if its progress is malformed', async () => {
    const io = new FakeIo();
    const client = {
      hello,
      request: async (_: string, __: object, onItem: (value: unknown) => void) =>
        onItem({ type: 'open', url: 5 }),
    } as unknown as ControlClient;
    const input = { args: ['1'], options: {}, json: false };
    await expect(inspect(client, input, io)).rejects.toThrow('The host sent something unexpected');
  });
});

it('escapes metrics that could change the terminal, and pipes them as they are', async () => {
  const text = '# HELP a\u001B[2J\na 1\n';
  const io = new FakeIo();
  await run(metrics, () => Promise.resolve({ text }), io);
  expect(io.printed).toBe(text);
  const terminal = new FakeIo();
  terminal.isTerminal = true;
  await run(metrics, () => Promise.resolve({ text }), terminal);
  expect(terminal.printed).toBe('# HELP a\\u001b[2J\na 1\n');
});

const coloredOutput: Request = async onItem => {
  onItem({ streams: ['stdout', 'stderr'] });
  onItem({ slot: 0, pid: 5, stream: 'stdout', text: '\u001B[32mLOG\u001B[39m\n' });
};

async function logsOf(env: NodeJS.ProcessEnv): Promise<string> {
  const io = Object.assign(new FakeIo(), { isTerminal: true, env });
  await run(logs, coloredOutput, io);
  return io.printed;
}

it('shows the colors of workers only if the user wants colors', async () => {
  expect(await logsOf({})).toContain('\u001B[32mLOG');
  expect(await logsOf({ NO_COLOR: '1' })).toBe('0 | LOG\n');
});

it('survives that the reader of its notes ends', () => {
  const before = process.stderr.listeners('error');
  processIo().note('');
  const added = process.stderr.listeners('error').filter(each => !before.includes(each));
  expect(added).toHaveLength(1);
  const closed = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  expect(() => added[0]!(closed)).not.toThrow();
  process.stderr.off('error', added[0] as () => void);
});

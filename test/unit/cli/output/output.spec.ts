import { describe, expect, it } from 'vitest';
import { eventText, what } from '../../../../src/cli/output/event-text.js';
import {
  duration,
  fileSize,
  grouped,
  megabytes,
  percent,
} from '../../../../src/cli/output/format.js';
import { jsonText } from '../../../../src/cli/output/json-text.js';
import { safeLine } from '../../../../src/cli/output/safe-line.js';
import { statusText } from '../../../../src/cli/output/status-text.js';
import { styler } from '../../../../src/cli/output/style.js';
import { RequestRates } from '../../../../src/cli/commands/request-rates.js';
import {
  type ClusterEvent,
  CLUSTER_EVENT_TYPES,
} from '../../../../src/model/events/cluster-event.interface.js';
import type { HostStatus, WorkerStatus } from '../../../../src/model/host-status.interface.js';

const HELLO = {
  type: 'hello',
  protocol: 1,
  version: '1.2.3',
  name: 'shop',
  pid: 100,
  directories: [],
  applications: [],
} as const;

const vitals = {
  memory: 90 * 2 ** 20,
  requests: 12_345,
  eventLoopDelay: 1,
  eventLoopDelayP99: 3,
  eventLoopUtilization: 0.25,
};

const worker: WorkerStatus = {
  slot: 0,
  generation: 1,
  id: 1,
  pid: 101,
  state: 'ready',
  serves: true,
  uptime: 65_000,
  restarts: 0,
  vitals,
};

const status: HostStatus = {
  pid: 100,
  uptime: 7_500_000,
  state: 'running',
  generation: 1,
  wanted: 2,
  ready: 1,
  hasStarted: true,
  discardedOutput: 0,
  stateMemory: { used: 0, limit: 1 },
  recentRestarts: 1,
  workers: [
    worker,
    {
      ...worker,
      slot: 1,
      pid: 102,
      serves: false,
      restarts: 3,
      heartbeatOverdue: 9_000,
      lastExit: {
        code: 1,
        signal: null,
        reason: 'crashed',
        error: 'Error: no\u001B[2J database',
        at: 40_000,
      },
    },
  ],
  spares: [{ ...worker, slot: -1, pid: 103, state: 'standby', serves: false }],
};

const plain = styler({ env: {}, isTerminal: false });

describe('the status as text', () => {
  it('has a line for each worker, and how the last one of a slot ended', () => {
    expect(statusText(status, { hello: HELLO, style: plain, now: 100_000 })).toEqual([
      'shop (pid 100, nestjs-cluster 1.2.3): running for 2 h 5 min, generation 1, 1 of 2 workers ready, 1 restart in the last minute',
      '',
      ' slot  pid  generation    state  uptime  restarts  memory  requests    delay  busy',
      '    0  101           1    ready   1 min         0   90 MB    12,345     3 ms  25 %',
      '    1  102           1     hung   1 min         3   90 MB    12,345  > 9.0 s  25 %',
      'spare  103           1  standby   1 min         0   90 MB    12,345     3 ms  25 %',
      'slot 1: its last worker ended 1 min ago (crashed) with code 1: Error: no\\x1b[2J database',
    ]);
  });

  it('has colors in a terminal only, and not with NO_COLOR', () => {
    const terms = { hello: HELLO, now: 0 };
    const inTerminal = styler({ env: {}, isTerminal: true });
    expect(statusText(status, { ...terms, style: inTerminal }).join('')).toContain('\u001B[31m');
    for (const io of [
      { env: { NO_COLOR: '1' }, isTerminal: true },
      { env: { TERM: 'dumb' }, isTerminal: true },
      { env: {}, isTerminal: false },
    ]) {
      expect(statusText(status, { ...terms, style: styler(io) }).join('')).not.toContain('\u001B');
    }
  });

  it('has the requests per second of workers that were seen twice', () => {
    const rates = new RequestRates();
    expect(rates.update(status).size).toBe(0);
    const later = {
      ...status,
      workers: [
        { ...worker, uptime: 67_000, vitals: { ...vitals, requests: 12_445 } },
        { ...worker, slot: 1, pid: 200 },
      ],
    };
    const perSecond = rates.update(later);
    expect([...perSecond]).toEqual([[101, 50]]);
    const [, , head, first, second] = statusText(later, {
      hello: HELLO,
      style: plain,
      now: 0,
      rates: perSecond,
    });
    expect(head).toContain('requests  req/s');
    expect(first).toContain('12,445     50');
    expect(second).toContain('12,345      -');
  });
});

describe('an event as text', () => {
  const base = { slot: 0, generation: 1, id: 1, pid: 101, at: 0 };
  const details = {
    bootTime: 600,
    cause: 'reload',
    code: 1,
    signal: null,
    reason: 'crashed',
    uptime: 2_000,
    address: { address: null, port: 3000 },
    stream: 'stdout',
    duration: 1_500,
    outcome: 'failed',
    error: 'no\ndatabase',
  };

  it.each(CLUSTER_EVENT_TYPES.map(type => [type]))('is one line: %s', type => {
    const text = eventText({ ...base, ...details, type } as unknown as ClusterEvent);
    expect(text).toMatch(
      /^\d\d:\d\d:\d\d\.000 {2}(Worker 0 \(generation 1, pid 101\)|The host) .+$/,
    );
    expect(text).not.toContain('undefined');
  });

  const event = (type: string, more: object = {}): string =>
    what({ ...base, ...details, ...more, type } as unknown as ClusterEvent);

  it('says what happened', () => {
    expect(event('workerReady')).toBe('is ready after 600 ms');
    expect(event('workerListening')).toBe('listens on *:3000');
    expect(event('workerListening', { address: { address: '/run/a', port: null } })).toBe(
      'listens on /run/a',
    );
    expect(event('workerExited')).toBe('has exited (crashed) with code 1 after 2.0 s');
    expect(event('workerExited', { code: null, signal: 'SIGKILL' })).toContain('by SIGKILL');
    expect(event('reloadFinished')).toBe('has ended its reload after 1.5 s: failed. no\\ndatabase');
    expect(event('workerPromoted')).toContain('workerPromoted {"slot":0');
  });
});

it('shows nothing of an event that could change the terminal', () => {
  const attack = '\u001B[2J\u009B2J\u202E';
  const event = { slot: attack, generation: 1, pid: attack, at: 0, stream: attack };
  const facts = { cause: attack, reason: attack, signal: attack, outcome: attack, code: attack };
  for (const type of [...CLUSTER_EVENT_TYPES, 'workerPromoted']) {
    const details = { duration: 1, uptime: 1, bootTime: 1, address: { address: attack, port: 1 } };
    const text = eventText({ ...event, ...facts, ...details, type } as unknown as ClusterEvent);
    expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  }
});

it('escapes in JSON what could change the terminal, and keeps the value', () => {
  const value = { text: 'a\u001B[2J\u007F\u009B2J\u202E\t\u2067é' };
  const json = jsonText(value);
  expect(json).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(json).toContain('\\u009b2J\\u202e');
  expect(JSON.parse(json)).toEqual(value);
});

describe('a line of output', () => {
  it('keeps its colors in a terminal, and nothing that changes the terminal', () => {
    const line = '\u001B[32mLOG\u001B[39m ready\t\u001B]0;title\u0007\u001B[2K\r';
    expect(safeLine(line, true)).toBe(
      '\u001B[32mLOG\u001B[39m ready\t\\u001b]0;title\\u0007\\u001b[2K\u001B[0m',
    );
    expect(safeLine(line, false)).toBe('LOG ready\t\\u001b]0;title\\u0007\\u001b[2K');
    expect(safeLine('plain', true)).toBe('plain');
  });
});

it('formats figures for people', () => {
  const times = [0, 999, 1_000, 59_900, 60_000, 3_600_000, 7_500_000, 90_000_000, 172_800_000];
  expect(times.map(duration)).toEqual([
    '0 ms',
    '999 ms',
    '1.0 s',
    '59.9 s',
    '1 min',
    '1 h',
    '2 h 5 min',
    '1 d 1 h',
    '2 d',
  ]);
  expect([fileSize(13_000), fileSize(2 ** 21)]).toEqual(['13 kB', '2 MB']);
  expect([megabytes(2 ** 20), percent(0.126), grouped(1_234_567)]).toEqual([
    '1 MB',
    '13 %',
    '1,234,567',
  ]);
});

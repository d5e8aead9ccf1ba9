import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { BusClient } from '../../../../src/bus/bus-client.js';
import type { MemberInfo, Sender } from '../../../../src/bus/membership/bus-member.interface.js';
import type { Channel } from '../../../../src/bus/bus-transport.interface.js';
import { ConsumerOffsets } from '../../../../src/bus/subscribe/durable/consumer-offsets.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';
import { FakeTransport } from '../../../support/fakes/fake-transport.js';

const RUNS = 500;

const self: Sender = { member: 'self', host: 'here:1', slot: 0, generation: 1, id: 1, pid: 1 };
const other: Sender = { member: 'other', host: 'there:2', slot: 1, generation: 1, id: 2, pid: 2 };
const info: MemberInfo = { ...other, answers: ['size'], groups: [], consumers: [], patterns: [] };

const event = (n: number, payload: unknown): object => ({
  v: 1,
  from: other,
  topic: 'news',
  run: 1,
  first: n,
  events: [{ payload, to: { 'g@news': 'self' } }],
});

/** Well-formed texts of each kind, and where they are heard. */
const SAMPLES: readonly (readonly [Channel, object])[] = [
  ['topic:news', event(1, 'a')],
  ['topic:news', { kept: '1-1', event: { v: 1, from: other, topic: 'news', payload: 1 } }],
  ['topic:*', event(1, 'a')],
  ['topic:kept', { kept: '1-2', event: { v: 1, from: other, topic: 'kept', payload: 1 } }],
  ['ask:size', { v: 1, from: other, topic: 'size', requests: [{ question: 'q', payload: null }] }],
  ['to:self', { v: 1, from: other, replies: [{ answers: 'q', value: 1 }] }],
  ['to:self', { v: 1, from: other, replies: [{ answers: 'q', error: 'no' }] }],
  ['to:self', { v: 1, headsOf: other, heads: [{ topic: 'news', run: 1, last: 3, age: 1 }] }],
  ['to:self', { v: 1, relaysTo: ['news', '*'], publisher: 'other' }],
  ['all:heads', { v: 1, headsOf: other, heads: [{ topic: 'news', run: 1, last: 3, age: 1 }] }],
  ['all:heads', { v: 1, asks: 'other', filters: ['news', '*'] }],
];

let transport: FakeTransport;
let bus: BusClient;
let state: StateClient;
let logged: string[];
let heard: unknown[];
let unhandled: unknown[];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeEach(async () => {
  transport = new FakeTransport();
  state = new StateClient(new FakeExecutor(), 50, 0);
  logged = [];
  heard = [];
  unhandled = [];
  process.on('unhandledRejection', onUnhandled);
  const log = (message: string): void => void logged.push(message);
  bus = new BusClient({
    self,
    transport,
    state,
    offsets: new ConsumerOffsets({ keep: () => Promise.resolve() }, {}),
    options: { timeout: 50, maxPayloadBytes: 1_000, maxQueueBytes: 1_000_000 },
    logger: { warn: log, error: log },
    onFault: () => {},
    onClosed: () => {},
  });
  const hear = (payload: unknown): void => void heard.push(payload);
  const settings = { name: 'test', handle: hear };
  await Promise.all([
    bus.subscribe('news', settings, { concurrency: 1 }),
    bus.subscribe('news', settings, { concurrency: 1, group: 'g' }),
    bus.subscribe('*', settings, { concurrency: 1 }),
    bus.subscribe('kept', settings, { concurrency: 1, durable: true }),
    bus.answer('size', { name: 'test', answer: () => 1 }),
  ]);
});
afterEach(async () => {
  await bus.close();
  await state.close();
  await new Promise(resolve => setImmediate(resolve));
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

/** A sample with something else in one place of it. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.array(fc.nat(5), { maxLength: 4 }),
    fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.constantFrom('\u001b[2J\n', -1, 1e300, '')),
  )
  .map(([[channel, sample], path, value]): [Channel, string] => [
    channel,
    JSON.stringify(replaceAt(structuredClone(sample), path, value)) ?? '',
  ]);

function replaceAt(target: unknown, [step, ...rest]: readonly number[], value: unknown): unknown {
  if (step === undefined || typeof target !== 'object' || target === null) {
    return value;
  }
  const keys = Object.keys(target);
  const name = keys[step % Math.max(1, keys.length)] ?? '0';
  const copy = target as Record<string, unknown>;
  copy[name] = replaceAt(copy[name], rest, value);
  return target;
}

const anyText = fc.oneof(
  fc.tuple(
    fc.constantFrom(...SAMPLES.map(([channel]) => channel)),
    fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        '{}',
        '5',
        'null',
        '[]',
        '""',
        '{"topic":"size"}',
        '{"kept":null}',
        '{"v":1}',
      ),
    ),
  ),
  mutated,
);

describe('what is heard on the bus', () => {
  it.each([
    ['ask:size', '{"topic":"size"}'],
    ['to:self', '{}'],
    ['to:self', '{"answers":"q"}'],
    ['all:heads', '{"asks":"other"}'],
    ['topic:news', '{"topic":"news","events":[null]}'],
    ['topic:news', '{"kept":5,"event":null}'],
    ['topic:kept', '{"kept":"x","event":{"topic":"kept"}}'],
  ] as const)('is dropped on %s if it is %s, and logged', (channel, text) => {
    transport.observer!.onText(channel, text);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain(channel);
    transport.observer!.onText(channel, text);
    expect(logged).toHaveLength(1);
  });

  it('never throws, and what is well-formed is still heard', async () => {
    let n = 1_000_000;
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { maxLength: 5 }), async texts => {
        texts.forEach(([channel, text]) => transport.observer!.onText(channel, text));
        n++;
        const payload = `valid ${n}`;
        const valid = { ...event(1, payload), run: n };
        transport.observer!.onText('topic:news', JSON.stringify(valid));
        await new Promise(resolve => setImmediate(resolve));
        expect(heard.filter(each => each === payload)).toHaveLength(2);
        heard = [];
      }),
      { numRuns: RUNS },
    );
    const ignored = logged.filter(line => /^(Ignored|Host)/.test(line));
    expect(ignored.filter(line => /\p{Cc}/u.test(line))).toEqual([]);
    // Of each source, once.
    expect(ignored.length).toBeLessThan(50);
  }, 60_000);

  it('is told to be of another version, once for each host', () => {
    const newer = { ...event(1, 'x'), v: 2, from: { host: 'new:9', more: true } };
    transport.observer!.onText('topic:news', JSON.stringify(newer));
    transport.observer!.onText('topic:*', JSON.stringify(newer));
    const question = { v: 2, requests: [], from: { ...other, host: 'new:9' }, topic: 'size' };
    transport.observer!.onText('ask:size', JSON.stringify(question));
    expect(heard).toEqual([]);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('new:9');
    expect(logged[0]).toContain('version 2');
    expect(logged[0]).toContain('Update nestjs-cluster on this host');
  });

  it('may have properties that this version does not know', async () => {
    const more = { ...event(1, 'x'), more: 1, from: { ...other, more: 2 } };
    transport.observer!.onText('topic:news', JSON.stringify(more));
    await new Promise(resolve => setImmediate(resolve));
    expect(heard).toEqual(['x', 'x']);
    expect(info.member).toBe('other');
  });
});

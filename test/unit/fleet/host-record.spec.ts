import { expect, it } from 'vitest';
import { healthOf, hostRecord, isKnown, readRecord } from '../../../src/fleet/host-record.js';
import type { HostStatus } from '../../../src/model/host-status.interface.js';

const facts = { id: 'h1', name: 'web-1', pid: 100, version: '1.2.3', mode: 'cluster' } as const;
const status = { generation: 3, wanted: 4, ready: 3, uptime: 50, state: 'running' } as HostStatus;

it('describes a host to all others', () => {
  const reload = { token: 5, state: 'running' } as const;
  const record = hostRecord({ ...facts, reload }, status, '7.1.0');
  const host = {
    ...facts,
    isSelf: false,
    release: '7.1.0',
    health: 'degraded',
    generation: 3,
    wanted: 4,
    ready: 3,
    uptime: 50,
    reload,
  };
  const stored: unknown = JSON.parse(JSON.stringify(record));
  expect(readRecord('h1', stored, 'h2')).toEqual(host);
  expect(readRecord('h1', { ...record, color: 'blue' }, 'h1')).toEqual({ ...host, isSelf: true });
  expect(JSON.stringify(hostRecord(facts, status, 'x'.repeat(9_999))).length).toBeLessThan(500);
});

it.each([
  [
    { ...hostRecord(facts, status, '7'), v: 2 },
    { name: 'web-1', pid: 100, version: '1.2.3' },
  ],
  [
    { ...hostRecord(facts, status, '7'), ready: 'many', pid: -1 },
    { name: 'web-1', version: '1.2.3' },
  ],
  [{ v: 2, name: 'x'.repeat(1_000), version: 4 }, {}],
  ['garbage', {}],
  [null, {}],
])('says what it can of a record that it cannot read: %j', (record, known) => {
  const host = readRecord('h1', record, 'h1');
  expect(host).toEqual({ id: 'h1', ...known });
  expect(isKnown(host)).toBe(false);
});

it.each([
  [4, 4, 'healthy'],
  [5, 4, 'healthy'],
  [1, 4, 'degraded'],
  [0, 4, 'down'],
])('%i of %i workers are %s', (ready, wanted, health) => {
  expect(healthOf({ ready, wanted })).toBe(health);
});

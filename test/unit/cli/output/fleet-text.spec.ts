import { expect, it } from 'vitest';
import { fleetText, rolloutText, stepText } from '../../../../src/cli/output/fleet-text.js';
import type { FleetHost, RolloutStep } from '../../../../src/model/fleet-status.interface.js';

const plain = (_: unknown, text: string): string => text;

const host: FleetHost = {
  id: 'h1',
  name: 'web-1',
  pid: 100,
  isSelf: true,
  version: '1.2.3',
  release: '7.1.0',
  mode: 'cluster',
  health: 'healthy',
  generation: 3,
  wanted: 4,
  ready: 4,
  uptime: 5_000,
  reload: { token: 1, state: 'done' },
};

const step = (state: RolloutStep['state'], facts: Partial<RolloutStep> = {}): RolloutStep => ({
  host: { id: 'h1', name: 'web-1', pid: 100 },
  state,
  ...facts,
});

it('shows all hosts, also those that cannot be read', () => {
  const { reload: _, ...second } = {
    ...host,
    name: 'web-2',
    isSelf: false,
    mode: 'single',
  } as const;
  const fleet = {
    namespace: 'shop',
    hosts: [host, second],
    unknown: [{ id: 'h9', version: '9.0' }],
  };
  const lines = fleetText(fleet, plain);
  expect(lines.map(line => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'shop: 2 of 3 hosts healthy',
    '',
    'host | pid | health | workers | generation | uptime | release | nestjs-cluster | last reload of all',
    'web-1 (this host) | 100 | healthy | 4 of 4 | 3 | 5.0 s | 7.1.0 | 1.2.3 | done',
    'web-2 | 100 | healthy | single mode | 3 | 5.0 s | 7.1.0 | 1.2.3 | -',
    'h9 | - | unreadable | - | - | - | - | 9.0 | -',
  ]);
});

it.each([
  [step('waiting'), undefined],
  [step('ordered'), undefined],
  [step('reloading'), 'web-1 (pid 100) reloads'],
  [
    step('reloaded', { generation: 4, duration: 1_200 }),
    'web-1 (pid 100) was reloaded to generation 4 in 1.2 s',
  ],
  [step('failed', { why: 'no\u001B[2Jdatabase' }), /^web-1 \(pid 100\) has failed: no.*database$/],
  [step('lost', { why: 'it stops' }), /is lost, and the others are reloaded without it: it stops$/],
  [step('skipped', { why: 'single' }), 'web-1 (pid 100) is skipped: single'],
  [step('paused' as never), 'web-1 (pid 100): paused'],
])('tells the step %j', (each, text) => {
  const told = stepText(each);
  expect(told).toEqual(text instanceof RegExp ? expect.stringMatching(text) : text);
  expect(told ?? '').not.toContain('\u001B');
});

it('sums up a reload of all hosts', () => {
  expect(rolloutText({ result: 'done', hosts: [step('reloaded'), step('lost')] })).toBe(
    '1 of 2 hosts reloaded, 1 lost.',
  );
  expect(rolloutText({ result: 'failed', hosts: [step('failed'), step('waiting')] })).toBe(
    'The reload of all hosts has stopped: 0 of 2 hosts reloaded, 1 failed, 1 not touched.',
  );
});

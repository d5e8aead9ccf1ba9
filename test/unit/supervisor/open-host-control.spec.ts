import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OutputTap } from '../../../src/supervisor/output/output-tap.js';
import { type HostControl, openHostControl } from '../../../src/supervisor/open-host-control.js';
import { ControlClient } from '../../support/control-client.js';
import { eventually } from '../../support/eventually.js';
import { SupervisedHost } from '../../support/fakes/supervised-host.js';

let directory: string;
let warnings: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'host-control-'));
  warnings = [];
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

async function open(control: boolean | string): Promise<HostControl> {
  const host = new SupervisedHost();
  const supervisor = await host.started();
  const deps = {
    supervisor,
    events: host.hub!,
    outputTap: new OutputTap(),
    ask: async () => undefined,
    metrics: async () => undefined,
    inspections: {
      clock: host.clock,
      logger: { warn: () => {} },
      inspected: false,
      workers: () => supervisor.workers,
    },
  };
  const logger = { warn: (text: string) => void warnings.push(text) };
  return openHostControl({ control, namespace: 'shop' }, deps, logger);
}

it('opens a socket with the name of the application, and removes it', async () => {
  const control = await open(directory);
  const path = join(directory, `shop-${process.pid}.sock`);
  await eventually(
    () => existsSync(path),
    5_000,
    () => warnings.join(),
  );
  const client = await ControlClient.open(path);
  expect(client.messages).toMatchObject([{ type: 'hello', name: 'shop', pid: process.pid }]);
  client.send({ id: 1, request: 'status' });
  expect(await client.answered(1)).toMatchObject([{ value: { ready: 2 } }]);
  await control.close(0);
  await client.closed();
  expect(readdirSync(directory)).toEqual([]);
  expect(warnings).toEqual([]);
});

it('warns if no directory can be used, and nothing else happens', async () => {
  // A file is where the directory would be.
  const path = join(directory, 'file', 'control');
  writeFileSync(join(directory, 'file'), '');
  const control = await open(path);
  await eventually(
    () => warnings.length > 0,
    5_000,
    () => 'no warning',
  );
  await control.close(0);
  expect(warnings[0]).toContain(path);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^The control socket could not be opened, .* cannot be created \(.*\)\. Set CLUSTER_CONTROL to a directory .*$/,
    ),
  ]);
});

it('leaves no socket if the host exits before it is open', async () => {
  const listened = vi.spyOn(Server.prototype, 'close');
  const control = await open(directory);
  await control.close(0);
  await eventually(
    () => listened.mock.calls.length > 0,
    5_000,
    () => 'not closed',
  );
  expect(readdirSync(directory)).toEqual([]);
});

it('opens nothing if it is switched off, and carries out what workers request', async () => {
  const control = await open(false);
  const never = new AbortController().signal;
  await expect(control.carryOut('restart', { slot: 2 }, never, {})).rejects.toMatchObject({
    code: 'CONTROL_INVALID',
    message: 'There is no slot 2: the host has the slots 0 to 1',
  });
  await control.close(0);
  expect(readdirSync(directory)).toEqual([]);
  expect(warnings).toEqual([]);
});

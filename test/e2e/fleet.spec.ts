import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FleetHost, FleetStatus } from '../../src/index.js';
import type { RolloutResult } from '../../src/model/fleet-status.interface.js';
import { Application } from '../support/application.js';
import { CommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { fixturesDirectory } from '../support/ioredis/ioredis-versions.mjs';
import { RedisServer } from '../support/redis/redis-server.js';

/** Milliseconds: more than two records of a host are apart. */
const DEADLINE = 10_000;

// Three hosts are shared by all tests, which run in this order. The last ones end two of them.
let server: RedisServer;
let directory: string;
let brokenRelease: string;
let hosts: readonly Application[];

beforeAll(async () => {
  server = await RedisServer.start();
  directory = await mkdtemp(join(tmpdir(), 'fleet-'));
  brokenRelease = join(directory, 'broken');
  hosts = await Promise.all(
    [2, 1, 1].map((workers, index) =>
      Application.ready('control/fleet', {
        env: {
          CLUSTER_WORKERS: String(workers),
          CLUSTER_REDIS_URL: server.url,
          CLUSTER_NAMESPACE: 'shop',
          CLUSTER_RELEASE: '7.1.0',
          CLUSTER_CONTROL: join(directory, 'control'),
          BROKEN_RELEASE: brokenRelease,
          SLOW_RELEASE: slowRelease(index),
        },
      }),
    ),
  );
});

afterAll(async () => {
  await Application.endAll();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const slowRelease = (index: number): string => join(directory, `slow-${index}`);

/** Starts a command on one of the hosts. */
function start(host: Application, ...args: readonly string[]): CommandLine {
  const env = { CLUSTER_CONTROL: join(directory, 'control') };
  const choice = ['--pid', String(host.pid)];
  return new CommandLine([...args, ...choice], 'pipe', env, fixturesDirectory());
}

async function run(host: Application, ...args: readonly string[]) {
  const command = start(host, ...args);
  const code = await command.ended;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

async function fleetOf(host: Application): Promise<FleetStatus> {
  const response = await fetch(host.url('/fleet'), { headers: { connection: 'close' } });
  return (await response.json()) as FleetStatus;
}

/** Returns what a fact of each host is, by its process id. */
async function factsOf<Fact>(
  fact: (host: FleetHost) => Fact,
  of = hosts[0]!,
): Promise<ReadonlyMap<number, Fact>> {
  const fleet = await fleetOf(of);
  return new Map(fleet.hosts.map(host => [host.pid, fact(host)]));
}

/** Returns the same fact for each of the hosts that run. */
const each = <Fact>(fact: Fact, of = hosts): ReadonlyMap<number, Fact> =>
  new Map(of.map(({ pid }) => [pid, fact] as const).toSorted(([one], [other]) => one - other));

/** Waits until a fact of each host is what is expected. */
async function until<Fact>(
  fact: (host: FleetHost) => Fact,
  expected: ReadonlyMap<number, Fact>,
  of = hosts[0]!,
): Promise<void> {
  let found: ReadonlyMap<number, Fact> = new Map();
  await eventually(
    async () => {
      found = await factsOf(fact, of);
      return isDeepStrictEqual(found, expected);
    },
    DEADLINE,
    () => JSON.stringify([...found]),
    100,
  );
}

/** Kills workers of a host, and waits for those that replace them. */
async function crash(host: Application, ...slots: readonly number[]): Promise<void> {
  const ready = host.of('workerReady');
  const pids = slots.map(slot => ready.findLast(event => event.slot === slot)!.pid);
  pids.forEach(pid => process.kill(pid, 'SIGKILL'));
  await host.until(() => host.count('workerReady') === ready.length + slots.length);
}

const forked = (): readonly number[] => hosts.map(host => host.count('workerForked'));

it('shows all hosts to each of them, in a worker and on the command line', async () => {
  for (const host of hosts) {
    await until(({ health }) => health, each('healthy'), host);
  }
  const fleets = await Promise.all(hosts.map(fleetOf));
  const workers = [2, 1, 1];
  for (const [index, { namespace, hosts: found, unknown }] of fleets.entries()) {
    expect({ namespace, unknown }).toEqual({ namespace: 'shop', unknown: [] });
    expect(found.filter(({ isSelf }) => isSelf).map(({ pid }) => pid)).toEqual([hosts[index]!.pid]);
    for (const [place, { pid }] of hosts.entries()) {
      expect(found.find(host => host.pid === pid)).toMatchObject({
        mode: 'cluster',
        release: '7.1.0',
        generation: 0,
        ready: workers[place],
        wanted: workers[place],
      });
    }
  }
  const { code, stdout } = await run(hosts[1]!, 'status', '--all');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^shop: 3 of 3 hosts healthy$/m);
  expect(stdout).toMatch(new RegExp(`\\(this host\\) +${hosts[1]!.pid} +healthy +1 of 1 +0 `));
  expect(JSON.parse((await run(hosts[1]!, 'status', '--all', '--json')).stdout)).toMatchObject({
    hosts: [{ health: 'healthy' }, { health: 'healthy' }, { health: 'healthy' }],
  });
});

it('reloads host after host, and its own last', async () => {
  const { code, stdout, stderr } = await run(hosts[0]!, 'reload', '--all');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '3 of 3 hosts reloaded.\n' });
  const others = [hosts[1]!.pid, hosts[2]!.pid].toSorted((one, other) => one - other);
  const told = stderr.trimEnd().split('\n');
  expect(told).toEqual(
    [...others, hosts[0]!.pid].flatMap(pid => [
      expect.stringMatching(new RegExp(`\\(pid ${pid}\\) reloads$`)),
      expect.stringMatching(new RegExp(`\\(pid ${pid}\\) was reloaded to generation 1 in `)),
    ]),
  );
  await until(host => host.generation, each(1));
});

it('reloads its own host once, also if its agent has just crashed', async () => {
  const [host] = hosts;
  const before = host!.count('reloadStarted');
  await crash(host!, 0);
  await crash(host!, 1);
  const { code, stdout } = await run(host!, 'reload', '--all');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '3 of 3 hosts reloaded.\n' });
  expect(host!.count('reloadStarted')).toBe(before + 1);
});

it('goes on if all workers of its own host crash meanwhile', async () => {
  const [host, ...others] = hosts;
  const before = host!.count('reloadStarted');
  const slow = others.map((_, index) => slowRelease(index + 1));
  await Promise.all(slow.map(path => writeFile(path, '')));
  const command = start(host!, 'reload', '--all');
  const started = others.map(other => other.count('reloadStarted'));
  await eventually(
    () => others.some((other, index) => other.count('reloadStarted') > started[index]!),
    DEADLINE,
    () => command.text,
  );
  await crash(host!, 0, 1);
  await Promise.all(slow.map(path => rm(path)));
  expect({ code: await command.ended, text: command.text }).toMatchObject({ code: 0 });
  expect(host!.count('reloadStarted')).toBe(before + 1);
});

it('stops at the first host whose new code fails', async () => {
  await writeFile(brokenRelease, '');
  const before = forked();
  const { code, stdout, stderr } = await run(hosts[0]!, 'reload', '--all');
  expect(code).toBe(1);
  expect(stdout).toBe(
    'The reload of all hosts has stopped: 0 of 3 hosts reloaded, 1 failed, 2 not touched.\n',
  );
  expect(stderr).toMatch(/has failed: .*failed to boot/);
  expect(stderr).toMatch(/^ {2}\| Error: no database in the new release$/m);
  // One host has tried it with one worker.
  const tried = forked().map((count, index) => count - before[index]!);
  expect(tried.toSorted((one, other) => one - other)).toEqual([0, 0, 1]);
  expect(tried[0]).toBe(0);
  expect(await factsOf(host => host.ready === host.wanted)).toEqual(each(true));
  await rm(brokenRelease);
});

it('goes on without a host that dies, and refuses another reload of all hosts meanwhile', async () => {
  const [first, second] = hosts.slice(1).toSorted((one, other) => one.pid - other.pid);
  await writeFile(slowRelease(hosts.indexOf(first!)), '');
  const command = start(hosts[0]!, 'reload', '--all', '--json');
  await eventually(
    async () => (await factsOf(host => host.reload?.state)).get(first!.pid) === 'running',
    DEADLINE,
    () => command.text,
  );
  first!.signalGroup('SIGKILL');
  const refused = await run(second!, 'reload', '--all', '--json');
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'CONTROL_FLEET_BUSY' } });
  expect(await command.ended).toBe(0);
  const { result, hosts: steps } = JSON.parse(command.stdout) as RolloutResult;
  expect(result).toBe('done');
  expect(steps.map(({ host, state }) => [host.pid, state])).toEqual([
    [first!.pid, 'lost'],
    [second!.pid, 'reloaded'],
    [hosts[0]!.pid, 'reloaded'],
  ]);
  expect(await factsOf(({ health }) => health)).toEqual(each('healthy', [hosts[0]!, second!]));
  // A host that stops is gone at once, and not when its record expires.
  second!.signal('SIGTERM');
  await second!.exited;
  expect(await factsOf(({ health }) => health)).toEqual(each('healthy', [hosts[0]!]));
});

import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliError } from '../../../../src/cli/cli.error.js';
import { findHosts } from '../../../../src/cli/host/find-hosts.js';
import { ControlClient } from '../../../../src/cli/host/control-client.js';
import { withHost } from '../../../../src/cli/host/with-host.js';
import type { ControlHello } from '../../../../src/control/control-messages.js';
import { ControlServer } from '../../../../src/control/primary/control-server.js';
import { FakeControlledHost } from '../../../support/fakes/fake-controlled-host.js';

let directory: string;
const servers: Server[] = [];
const controls: ControlServer[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'with-host-'));
});

afterEach(async () => {
  await Promise.all(controls.splice(0).map(control => control.close(0)));
  servers.splice(0).forEach(each => each.close());
  rmSync(directory, { recursive: true });
});

/** Starts the control socket of a host. */
async function host(pid: number, hello: Partial<ControlHello> = {}): Promise<FakeControlledHost> {
  const fake = new FakeControlledHost();
  const control = new ControlServer(fake, {
    type: 'hello',
    protocol: 1,
    version: '1.2.3',
    name: 'shop',
    pid,
    directories: ['/srv/shop'],
    applications: ['/srv/shop'],
    ...hello,
  });
  controls.push(control);
  control.server.listen(join(directory, `shop-${pid}.sock`));
  await once(control.server, 'listening');
  return fake;
}

/** Starts a server that says what a test wants. */
async function server(pid: number, text: string): Promise<void> {
  const created = createServer(socket => socket.on('error', () => {}).end(text));
  servers.push(created);
  created.listen(join(directory, `shop-${pid}.sock`));
  await once(created, 'listening');
}

const io = { env: {}, places: ['/srv/shop'] };

function request(options: object = {}): Promise<unknown> {
  return withHost({ control: directory, ...options }, io, client => client.request('status', {}));
}

async function failure(options: object = {}): Promise<CliError> {
  return (await request(options).catch((error: unknown) => error)) as CliError;
}

describe('a command', () => {
  it('reaches the host of the working directory, or the one that is named', async () => {
    await host(1);
    await host(2, { name: 'blog', directories: ['/srv/blog'], applications: ['/srv/blog'] });
    expect(await request()).toMatchObject({ wanted: 2 });
    expect(await request({ name: 'blog' })).toMatchObject({ wanted: 2 });
    expect(await request({ pid: 2 })).toMatchObject({ wanted: 2 });
  });

  it('lists the hosts if none matches, or several', async () => {
    await host(1);
    await host(2);
    const several = await failure();
    expect(several).toMatchObject({ exitCode: 4, code: 'CLI_SEVERAL_HOSTS' });
    expect(several.message.split('\n').slice(1).toSorted()).toEqual([
      '  --pid 1  shop, started in /srv/shop',
      '  --pid 2  shop, started in /srv/shop',
    ]);
    const none = await failure({ name: 'blog' });
    expect(none).toMatchObject({ exitCode: 3, code: 'CLI_NO_HOST' });
    expect(none.message).toContain('No host with the name blog was found.');
    expect(none.message).toContain('--pid 2  shop, started in /srv/shop');
  });

  it('says where it has looked, and what to do', async () => {
    const none = await failure();
    expect(none.exitCode).toBe(3);
    expect(none.message).toContain(`No control socket is in ${directory}`);
  });

  it('begins with the hosts that did not answer, and does not deny that they have sockets', async () => {
    await server(7, '');
    const alone = await failure();
    expect(alone).toMatchObject({ exitCode: 5, code: 'CLI_UNREACHABLE' });
    expect(alone.message.split('\n')).toEqual([
      'The host has ended, or has closed the connection.',
      'No host of the application in /srv/shop answered.',
    ]);
    await host(1);
    const beside = await failure({ pid: 7 });
    expect(beside.message.split('\n')).toEqual([
      'The host has ended, or has closed the connection.',
      'No host with the process id 7 answered.',
      'Choose one of the hosts that run, with --name or --pid:',
      '  --pid 1  shop, started in /srv/shop',
    ]);
  });

  it('ignores the socket of a host that was killed, and other files', async () => {
    writeFileSync(join(directory, 'notes.txt'), '');
    writeFileSync(join(directory, 'shop-9.sock'), '');
    await host(1);
    expect(await request()).toMatchObject({ wanted: 2 });
  });

  it('does not trust a directory that others can change', async () => {
    await host(1);
    chmodSync(directory, 0o777);
    const error = await failure();
    expect(error).toMatchObject({ exitCode: 5, code: 'CLI_UNREACHABLE' });
    expect(error.message).toContain('can be opened by others');
  });

  it('tells that a host speaks another protocol', async () => {
    await host(1, { protocol: 2, version: '9.0.0' });
    const error = await failure();
    expect(error).toMatchObject({ exitCode: 5 });
    expect(error.message).toContain('npx nestjs-cluster@9.0.0');
  });

  it.each(['', 'SSH-2.0\n', '{"type":"hello"}\n'])(
    'is not confused by a socket of something else: %j',
    async text => {
      await server(7, text);
      expect(await failure()).toMatchObject({ exitCode: 5 });
      await host(1);
      expect(await request()).toMatchObject({ wanted: 2 });
    },
  );

  it('ends with the reason if the host goes away', async () => {
    const fake = await host(1);
    const [control] = controls;
    const stream = withHost({ control: directory }, io, client => client.request('events', {}));
    const wait = (): Promise<void> =>
      fake.eventListeners.size > 0
        ? Promise.resolve()
        : new Promise(resolve => setImmediate(resolve)).then(wait);
    await wait();
    await control!.close(0);
    await expect(stream).rejects.toMatchObject({ exitCode: 5, code: 'CLI_UNREACHABLE' });
  });
});

describe('the directories of the sockets', () => {
  /** A user that has no directory in `/tmp`. */
  const NOBODY = 65_534;

  it('belong to root, for root, unless it has named them', async () => {
    const planted = join(directory, 'nestjs-cluster-0');
    mkdirSync(planted, { mode: 0o700 });
    if (process.geteuid?.() === 0) {
      chownSync(planted, NOBODY, NOBODY);
    }
    const terms = { control: undefined, env: {}, uid: 0, tmpdir: directory };
    const problem = [
      `${planted} belongs to another user, can be opened by others, or is no directory.`,
    ];
    const byDefault = await findHosts(terms);
    byDefault.clients.forEach(client => client.close());
    expect(byDefault.problems).toEqual(expect.arrayContaining(problem));
    for (const named of [
      { ...terms, control: planted },
      { ...terms, env: { CLUSTER_CONTROL: planted } },
    ]) {
      expect(await findHosts(named)).toMatchObject({ problems: [], directories: [planted] });
    }
  });

  it('are a problem if they cannot be read', async () => {
    const loop = join(directory, 'loop');
    symlinkSync(loop, loop);
    const env = { XDG_RUNTIME_DIR: loop };
    const found = await findHosts({ control: undefined, env, uid: NOBODY, tmpdir: directory });
    expect(found).toMatchObject({
      clients: [],
      problems: [expect.stringContaining(join(loop, 'nestjs-cluster'))],
    });
    expect(found.problems[0]).toContain('cannot be read (ELOOP');
  });
});

it('does not wait for a host that is suspended', async () => {
  const silent = createServer(() => {});
  servers.push(silent);
  const path = join(directory, 'shop-1.sock');
  silent.listen(path);
  await once(silent, 'listening');
  await expect(ControlClient.open(path, 20)).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringContaining('did not answer within 20 ms'),
  });
});

/** Replies to the first request with these lines, after the hello. The request has the id 1. */
async function replying(...lines: readonly string[]): Promise<unknown> {
  const hello = JSON.stringify({
    type: 'hello',
    protocol: 1,
    version: '9.0.0',
    name: 'shop',
    pid: 1,
    directories: ['/srv/shop'],
    applications: [],
  });
  const created = createServer(socket => {
    socket.on('error', () => {}).write(`${hello}\n`);
    socket.once('data', () => socket.write(lines.map(line => `${line}\n`).join('')));
  });
  servers.push(created);
  created.listen(join(directory, 'shop-1.sock'));
  await once(created, 'listening');
  return request().catch((error: unknown) => error);
}

describe('a reply of a newer host', () => {
  it('may have words that are unknown here', async () => {
    const worker = { slot: 0, pid: 7, reason: 'evicted', output: 'out of luck' };
    const error = { code: 'CLUSTER_NEW', message: 'It failed', worker };
    expect(await replying(JSON.stringify({ id: 1, type: 'failed', error }))).toMatchObject({
      exitCode: 1,
      code: 'CLUSTER_NEW',
      worker,
    });
  });

  it('may be of a type that is unknown here', async () => {
    expect(
      await replying(
        JSON.stringify({ id: 1, type: 'warning', why: [] }),
        JSON.stringify({ id: 1, type: 'done', value: 5 }),
      ),
    ).toBe(5);
  });

  it.each([
    [{ id: 1, type: 'failed' }, '"error" should be an object, not undefined'],
    [{ id: 1, type: 'failed', error: { code: 5, message: '' } }, '"error.code" should be a string'],
    [{ id: '1', type: 'done', value: 5 }, '"id" should be an integer'],
    [{ type: 'refused', error: null }, '"error" should be an object, not null'],
    [[], 'should be an object'],
  ])('ends the command if it is malformed: %j', async (reply, why) => {
    expect(await replying(JSON.stringify(reply))).toMatchObject({
      exitCode: 5,
      code: 'CLI_UNREACHABLE',
      message: expect.stringContaining(why),
    });
  });

  it('ends the command if it is no JSON', async () => {
    expect(await replying('{"id":1,')).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('no JSON'),
    });
  });
});

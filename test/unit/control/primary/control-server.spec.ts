import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlServer } from '../../../../src/control/primary/control-server.js';
import type { ControlHello } from '../../../../src/control/control-messages.js';
import { deferred } from '../../../../src/system/async/deferred.js';
import { ControlClient } from '../../../support/control-client.js';
import { eventually } from '../../../support/eventually.js';
import { FakeControlledHost } from '../../../support/fakes/fake-controlled-host.js';

const HELLO: ControlHello = {
  type: 'hello',
  protocol: 1,
  version: '1.2.3',
  name: 'shop',
  pid: 100,
  directories: ['/srv/shop'],
  applications: ['/srv/shop'],
};

let directory: string;
let path: string;
let host: FakeControlledHost;
let control: ControlServer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'control-server-'));
  path = join(directory, 'shop-100.sock');
  host = new FakeControlledHost();
  control = new ControlServer(host, HELLO);
  control.server.listen(path);
  await once(control.server, 'listening');
});

afterEach(async () => {
  await control.close(0);
  rmSync(directory, { recursive: true });
});

/** A client that is connected without a socket of the operating system. */
function connectInMemory(): Duplex {
  const [client, accepted] = duplexPair();
  control.server.emit('connection', Object.assign(accepted, { unref() {} }));
  return client;
}

const open = (): Promise<ControlClient> => ControlClient.open(path);

const failure = {
  generation: 1,
  why: 'Worker 0 failed to boot',
  worker: { slot: 0, pid: 5, reason: 'boot-failed', output: 'Error: no database' },
} as const;

const line = (slot: number, text: string) =>
  ({ slot, pid: 101 + slot, stream: 'stdout', text }) as const;

const random = (limit: number): number => Math.floor(Math.random() * limit);

const exited = { type: 'workerExited', slot: 0, generation: 0, id: 1, pid: 101, at: 1 } as never;

describe('the control socket', () => {
  it('says who the host is, and answers requests by their ids', async () => {
    const client = await open();
    client.send({ id: 1, request: 'status' }, { id: 2, request: 'scale', workers: 4 });
    const replies = await client.answered(2);
    expect(client.messages[0]).toEqual(HELLO);
    expect(replies.find(({ id }) => id === 1)).toEqual({
      id: 1,
      type: 'done',
      value: host.status(),
    });
    expect(replies.find(({ id }) => id === 2)).toMatchObject({ value: { workers: 4 } });
    expect(host.orders).toEqual(['scale 4']);
  });

  it('answers a client that sends no more', async () => {
    const reload = deferred<never>();
    host.reloaded = reload.promise;
    const client = await open();
    client.send({ id: 1, request: 'reload' }, { id: 2, request: 'status' });
    client.socket.end();
    await client.answered(1);
    reload.resolve({ type: 'done', value: { generation: 1, duration: 5 } } as never);
    expect((await client.answered(2))[1]).toMatchObject({ id: 1, value: { generation: 1 } });
    await client.closed();
  });

  it('shows and reloads all hosts, or says that there is no Redis', async () => {
    const client = await open();
    client.send({ id: 1, request: 'fleet' }, { id: 2, request: 'reloadAll' });
    const refusals = await client.answered(2);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        error: {
          code: 'CONTROL_NO_REDIS',
          message: expect.stringContaining('Set the option redis'),
        },
      });
    }
    const fleet = { namespace: 'shop', hosts: [], unknown: [] };
    const step = { host: { id: 'h1', name: 'web-1', pid: 1 }, state: 'reloading' } as const;
    host.fleet = {
      status: async () => fleet,
      reload: async (maxUnavailable, onProgress) => {
        host.orders.push(`reload ${maxUnavailable}`);
        onProgress(step);
        return { result: 'done', hosts: [step] };
      },
    };
    client.send({ id: 3, request: 'fleet' });
    expect((await client.answered(3))[2]).toEqual({ id: 3, type: 'done', value: fleet });
    client.send({ id: 4, request: 'reloadAll', maxUnavailable: 3 });
    expect((await client.answered(5)).slice(3)).toEqual([
      { id: 4, type: 'item', value: step },
      { id: 4, type: 'done', value: { result: 'done', hosts: [step] } },
    ]);
    client.send({ id: 5, request: 'reloadAll', maxUnavailable: 0 });
    expect((await client.answered(6))[5]).toMatchObject({ error: { code: 'CONTROL_INVALID' } });
    expect(host.orders).toEqual(['reload 3']);
  });

  it('passes on why a worker failed, with its output', async () => {
    host.reloaded = Promise.resolve({ type: 'failed', failure });
    host.scaled = { type: 'stopping' };
    host.restarted = { type: 'broken', why: 'Error: oops' };
    const client = await open();
    client.send({ id: 1, request: 'reload' });
    expect(await client.answered(1)).toEqual([
      {
        id: 1,
        type: 'failed',
        error: { code: 'CLUSTER_RELOAD_FAILED', message: failure.why, worker: failure.worker },
      },
    ]);
    client.send({ id: 2, request: 'scale', by: 1 });
    expect((await client.answered(2))[1]).toMatchObject({
      error: { code: 'CLUSTER_HOST_STOPPING' },
    });
    client.send({ id: 3, request: 'restart', slot: 0 });
    expect((await client.answered(3))[2]).toMatchObject({
      error: { code: 'CONTROL_FAILED', message: 'The restart failed: Error: oops' },
    });
  });

  it.each([
    [{ request: 'scale' }, 'scale needs either workers or by'],
    [{ request: 'scale', workers: 1, by: 1 }, 'scale needs either workers or by'],
    [{ request: 'scale', by: -2 }, 'There are 2 workers, and 0 are not possible: 1 to 1024'],
    [{ request: 'restart', slot: 2 }, 'There is no slot 2: the host has the slots 0 to 1'],
    [{ request: 'logs', slot: 2 }, 'There is no slot 2: the host has the slots 0 to 1'],
  ])('refuses what is impossible: %j', async (request, message) => {
    const client = await open();
    client.send({ id: 1, ...request });
    expect(await client.answered(1)).toEqual([
      { id: 1, type: 'failed', error: { code: 'CONTROL_INVALID', message } },
    ]);
  });

  it('asks workers for jobs and findings, and says what is not in use', async () => {
    host.answers = { jobs: { type: 'value', value: ['job'] }, doctor: { type: 'unused' } };
    const client = await open();
    client.send({ id: 1, request: 'jobs' });
    expect((await client.answered(1))[0]).toMatchObject({ value: ['job'] });
    client.send({ id: 2, request: 'doctor' });
    expect((await client.answered(2))[1]).toMatchObject({ error: { code: 'CONTROL_UNUSED' } });
    host.answers = { jobs: { type: 'failed', why: 'no Redis' } };
    client.send({ id: 3, request: 'jobs' });
    expect((await client.answered(3))[2]).toMatchObject({
      error: { code: 'CONTROL_FAILED', message: 'The jobs failed: no Redis' },
    });
    client.send({ id: 4, request: 'doctor' });
    expect((await client.answered(4))[3]).toMatchObject({ error: { code: 'CONTROL_NO_WORKER' } });
    client.send({ id: 5, request: 'metrics' });
    expect((await client.answered(5))[4]).toMatchObject({ error: { code: 'CONTROL_UNUSED' } });
    host.text = 'up 1';
    client.send({ id: 6, request: 'metrics' });
    expect((await client.answered(6))[5]).toMatchObject({ value: { text: 'up 1' } });
  });

  it('sends events until the connection closes', async () => {
    const client = await open();
    client.send({ id: 1, request: 'events' }, { id: 2, request: 'status' });
    await client.answered(1);
    host.eventListeners.forEach(listener => listener(exited));
    const [, event] = await client.answered(2);
    expect(event).toEqual({ id: 1, type: 'item', value: exited });
    client.socket.destroy();
    await gone(() => host.eventListeners.size === 0);
  });

  it('sends the end of the output, then everything that follows, of all workers or one', async () => {
    host.outputs = [line(0, 'zero'), line(1, 'one')];
    const client = await open();
    client.send({ id: 1, request: 'logs', slot: 1 });
    await client.answered(2);
    host.outputListeners.forEach(listen => [line(0, 'more'), line(1, 'more')].forEach(listen));
    const replies = await client.answered(3);
    expect(replies.map(({ value }) => value)).toEqual([
      { streams: ['stdout', 'stderr'] },
      line(1, 'one'),
      line(1, 'more'),
    ]);
    client.send({ id: 2, request: 'logs', follow: false });
    expect((await client.answered(7)).slice(3).map(({ type }) => type)).toEqual([
      'item',
      'item',
      'item',
      'done',
    ]);
    expect(host.outputListeners.size).toBe(1);
  });

  it('tells that the host exits, and closes every connection', async () => {
    const [client, other] = [await open(), await open()];
    client.send({ id: 1, request: 'stop' }, { id: 2, request: 'status' });
    await client.answered(1);
    expect(host.orders).toEqual(['stop']);
    await control.close(3);
    await Promise.all([client.closed(), other.closed()]);
    expect(client.replies[1]).toEqual({ id: 1, type: 'done', value: { exitCode: 3 } });
    expect(other.replies).toEqual([]);
  });

  it('answers an unknown request, and goes on', async () => {
    const client = await open();
    client.send({ id: 1, request: 'fly' }, { id: 2, request: 'restart' });
    const replies = await client.answered(2);
    expect(replies).toMatchObject([
      { id: 1, error: { code: 'CONTROL_UNKNOWN' } },
      { id: 2, error: { code: 'CONTROL_INVALID' } },
    ]);
    client.send({ id: 3, request: 'status' });
    expect((await client.answered(3))[2]).toMatchObject({ id: 3, type: 'done' });
  });
});

describe('a connection', () => {
  it.each([
    ['a line that is no request', 'hello', 'CONTROL_MALFORMED'],
    ['a line that is too long', `"${'x'.repeat(70_000)}"`, 'CONTROL_TOO_LONG'],
  ])('is closed after %s, and the others are not', async (_, input, code) => {
    const [client, other] = [await open(), await open()];
    client.send(input, { id: 1, request: 'stop' });
    await client.closed();
    expect(client.replies).toMatchObject([{ type: 'refused', error: { code } }]);
    expect(host.orders).toEqual([]);
    other.send({ id: 1, request: 'status' });
    expect(await other.answered(1)).toMatchObject([{ id: 1, type: 'done' }]);
  });

  it('is refused if there are too many', async () => {
    const clients = await Promise.all(Array.from({ length: 64 }, open));
    const refused = connect(path).setEncoding('utf8');
    const [text] = (await once(refused, 'data')) as [string];
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'CONTROL_TOO_MANY_CONNECTIONS' } });
    await once(refused, 'close');
    clients.pop()?.socket.destroy();
    await gone(() => control.connections === 63);
    await open();
  });

  it('is closed if too many of its requests wait', async () => {
    const client = await open();
    client.send(...Array.from({ length: 33 }, (_, id) => ({ id, request: 'events' })));
    await client.closed();
    expect(client.replies).toMatchObject([{ error: { code: 'CONTROL_TOO_MANY_REQUESTS' } }]);
    await gone(() => host.eventListeners.size === 0);
  });

  it('is closed if its client does not read, and no memory is used for it', async () => {
    const [slow, other] = [await open(), await open()];
    slow.send({ id: 1, request: 'logs' });
    await slow.answered(1);
    slow.socket.pause();
    const text = 'x'.repeat(1_000_000);
    for (let round = 0; round < 100 && host.outputListeners.size > 0; round++) {
      host.outputListeners.forEach(listen => listen({ slot: 0, pid: 1, stream: 'stdout', text }));
      await new Promise(resolve => setImmediate(resolve));
    }
    await gone(() => host.outputListeners.size === 0);
    other.send({ id: 1, request: 'status' });
    expect(await other.answered(1)).toMatchObject([{ type: 'done' }]);
  });

  it('does no harm with whatever it sends: 10,000 random inputs', async () => {
    const words = [
      '{',
      '}',
      '"id":1',
      '"request":"status"',
      '"slot":-1',
      ',',
      '\n',
      '\0',
      '\u{1f600}',
    ];
    const input = (): Buffer =>
      random(2) === 0
        ? randomBytes(random(200))
        : Buffer.from(
            Array.from({ length: random(12) }, () => words[random(words.length)]).join(''),
          );
    const rejections: unknown[] = [];
    const onRejection = (error: unknown): void => void rejections.push(error);
    process.on('unhandledRejection', onRejection);
    // Most of them without a socket of the operating system, which takes most of the time.
    const send = async (_: unknown, index: number): Promise<void> => {
      const client = index === 0 ? connect(path) : connectInMemory();
      client.on('error', () => {});
      // Read, so that its end is noticed.
      client.resume().end(input());
      await once(client, 'close');
    };
    for (let round = 0; round < 10_000 / 40; round++) {
      await Promise.all(Array.from({ length: 40 }, send));
    }
    process.off('unhandledRejection', onRejection);
    const client = await open();
    client.send({ id: 1, request: 'status' });
    expect(await client.answered(1)).toMatchObject([{ type: 'done', value: { pid: 100 } }]);
    expect(rejections).toEqual([]);
    await gone(() => control.connections === 1);
  });
});

/** Waits for what the server notices when the connection has closed. */
function gone(condition: () => boolean): Promise<void> {
  return eventually(condition, 5_000, () => String(condition), 2);
}

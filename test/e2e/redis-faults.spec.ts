import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cluster, Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { isAlive } from '../support/processes.js';
import { KEEPER } from '../support/redis/keeper.js';
import { redisProgram } from '../support/redis/redis-program.js';
import { RedisCluster } from '../support/redis/redis-cluster.js';
import { RedisSentinel } from '../support/redis/redis-sentinel.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { RespReader } from '../support/redis/resp-reader.js';
import { within } from '../support/within.js';

const DEADLINE = 30_000;

/** A program that starts a server, and prints the directory and the process id of the server. */
const STARTS_A_SERVER = `
  import { fork } from 'node:child_process';
  const [keeper, program] = process.argv.slice(1);
  const child = fork(keeper, { execArgv: [] });
  child.once('message', directory => {
    child.send({ id: 1, program, args: ['--port', '0', '--unixsocket', 'socket'], directory });
    child.once('message', ({ pid }) => console.log(directory + '|' + pid));
  });
`;

const clients: Redis[] = [];

afterEach(() => {
  // disconnect() would set a timer of two seconds for a client that is already closed.
  const open = clients.splice(0).filter(({ status }) => status !== 'end');
  open.forEach(client => client.disconnect());
});

describe('a server of a test', () => {
  afterEach(() => RedisServer.stopAll());

  it('is killed and, having kept what it was given, started again on its port', async () => {
    const server = await RedisServer.start({ persistent: true });
    const { pid, port } = server;
    expect(await server.command('SET', 'tickets', '3')).toBe('OK');
    await server.kill();
    expect(isAlive(pid)).toBe(false);
    expect(await failure(server.command('PING'))).toContain('ECONNREFUSED');
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(server.port).toBe(port);
    expect(await server.command('GET', 'tickets')).toBe('3');
  });

  it('forgets everything unless it is told to persist', async () => {
    const server = await RedisServer.start({ args: ['--maxmemory', '10mb'] });
    await server.command('SET', 'tickets', '3');
    await server.restart();
    expect(await server.command('GET', 'tickets')).toBeNull();
    expect(await server.command('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '10485760']);
  });

  it('pauses, and answers later', async () => {
    const server = await RedisServer.start();
    const client = await connected(server.port);
    await server.pause();
    let isAnswered = false;
    const answer = client.incr('tickets').finally(() => (isAnswered = true));
    expect(await failure(within(100, client.ping(), () => 'It hangs.'))).toContain('It hangs');
    expect(isAnswered).toBe(false);
    server.resume();
    expect(await answer).toBe(1);
  });

  it('ends even when it is paused, and leaves nothing', async () => {
    const servers = await Promise.all([RedisServer.start(), RedisServer.start()]);
    await servers[0].pause();
    await RedisServer.stopAll();
    expect(servers.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
  });

  it('says why it does not start', async () => {
    const why = await failure(RedisServer.start({ args: ['--no-such-option', 'yes'] }));
    expect(why).toContain('no-such-option');
  });

  it('ends with the process that started it, whatever ends that one', async () => {
    const parent = spawn(
      process.execPath,
      ['--input-type=module', '--eval', STARTS_A_SERVER, KEEPER, redisProgram()],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const [directory = '', pid = ''] = line.split('|');
    expect([existsSync(directory), isAlive(Number(pid))]).toEqual([true, true]);
    process.kill(Number(pid), 'SIGSTOP');
    parent.kill('SIGKILL');
    await eventually(
      () => !isAlive(Number(pid)) && !existsSync(directory),
      DEADLINE,
      () => `Still there: ${pid}, ${directory}`,
    );
  });
});

describe('a proxy in front of a server', () => {
  let server: RedisServer;
  let proxy: FaultProxy;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => RedisServer.stopAll());

  beforeEach(async () => {
    await server.command('FLUSHALL');
    proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
  });
  afterEach(() => FaultProxy.stopAll());

  /** Reads a value from the server directly, not through the proxy. */
  const valueOf = (key: string): Promise<unknown> => server.command('GET', key);

  it('lets everything through, and counts', async () => {
    const [one, other] = [await connected(proxy.port), await connected(proxy.port)];
    const big = Buffer.alloc(5_000_000, 'tickets');
    await one.set('big', big);
    expect((await other.getBuffer('big'))?.equals(big)).toBe(true);
    expect(proxy).toMatchObject({ connections: 2, accepted: 2, struck: 0 });
    one.disconnect();
    await eventually(
      () => proxy.connections === 1,
      DEADLINE,
      () => `${proxy.connections} are open.`,
    );
    expect(proxy.accepted).toBe(2);
  });

  it('delivers the answer to a side that has ended its half of the connection', async () => {
    const socket = connect({ host: proxy.host, port: proxy.port, allowHalfOpen: true });
    socket.end('*1\r\n$4\r\nPING\r\n');
    expect(String(Buffer.concat(await socket.toArray()))).toBe('+PONG\r\n');
  });

  it('loses a reply: the server has done it, the client does not know', async () => {
    const client = await connected(proxy.port);
    proxy.loseNextReply();
    expect(await failure(client.incr('tickets'))).toContain('Connection is closed');
    expect(await valueOf('tickets')).toBe('1');
    expect(proxy.struck).toBe(1);
    const next = await connected(proxy.port);
    expect(await next.incr('tickets')).toBe(2);
  });

  it('loses the replies to all of a batch, however big', async () => {
    const client = await connected(proxy.port);
    const batch = client.pipeline();
    for (let index = 0; index < 3_000; index++) {
      batch.append('tickets', 'x'.repeat(100));
    }
    proxy.loseNextReply();
    const results = await batch.exec();
    expect(results?.filter(([error]) => error === null)).toEqual([]);
    expect(await server.command('STRLEN', 'tickets')).toBe(300_000);
  });

  it('can lose only the end of a reply', async () => {
    await server.command('SET', 'tickets', 'abcdef');
    const socket = connect(proxy.port, proxy.host);
    proxy.loseNextReply({ bytes: '$6\r\nabc'.length });
    socket.write('*2\r\n$3\r\nGET\r\n$7\r\ntickets\r\n');
    expect(String(Buffer.concat(await socket.toArray()))).toBe('$6\r\nabc');
  });

  it('loses the reply to the request that is meant, and not those to others', async () => {
    const client = await connected(proxy.port);
    proxy.loseNextReply({ containing: 'tickets' });
    expect(await client.incr('consumers')).toBe(1);
    const waiting = client.blpop('queue', 0);
    await eventually(
      async () => String(await server.command('INFO', 'clients')).includes('blocked_clients:1'),
      DEADLINE,
      () => 'Nobody waits for the queue.',
    );
    // This request is queued behind the blocked BLPOP, and is answered together with it.
    const lost = failure(client.incr('tickets'));
    await eventually(
      () => proxy.armed === 0,
      DEADLINE,
      () => 'The request has not come.',
    );
    await server.command('RPUSH', 'queue', 'first');
    expect(await waiting).toEqual(['queue', 'first']);
    expect(await lost).toContain('Connection is closed');
    expect(await valueOf('tickets')).toBe('1');
  });

  it('cuts a request in the middle: what was complete is done, once the client knows', async () => {
    const client = await connected(proxy.port);
    const command = '*2\r\n$4\r\nincr\r\n$7\r\ntickets\r\n';
    proxy.cutMidRequest(2 * command.length + 10);
    const results = await client.pipeline().incr('tickets').incr('tickets').incr('tickets').exec();
    expect(results?.filter(([error]) => error === null)).toEqual([]);
    expect(await valueOf('tickets')).toBe('2');
    expect(proxy.struck).toBe(1);
  });

  it('cuts a request before its first byte', async () => {
    const client = await connected(proxy.port);
    proxy.cutMidRequest(0);
    expect(await failure(client.incr('tickets'))).toContain('Connection is closed');
    expect(await valueOf('tickets')).toBeNull();
  });

  it('drops replies until it is healed; then the connections that missed one are cut', async () => {
    const [one, other] = [await connected(proxy.port), await connected(proxy.port)];
    proxy.dropReplies();
    const lost = failure(one.incr('tickets'));
    await eventually(
      () => proxy.lostReplies === 1,
      DEADLINE,
      () => 'There is no reply.',
    );
    expect(await valueOf('tickets')).toBe('1');
    expect(one.status).toBe('ready');
    await proxy.heal();
    expect(await lost).toContain('Connection is closed');
    expect(await other.incr('tickets')).toBe(2);
  });

  it('cuts all connections, on both sides', async () => {
    const both = [await connected(proxy.port), await connected(proxy.port)];
    const ended = both.map(client => once(client, 'end'));
    proxy.cutAll();
    await within(DEADLINE, Promise.all(ended), () => 'They are still connected.');
    await eventually(
      async () => String(await server.command('INFO', 'clients')).includes('connected_clients:1\r'),
      DEADLINE,
      () => 'The server still has them.',
    );
    expect(proxy.connections).toBe(0);
    expect(await (await connected(proxy.port)).ping()).toBe('PONG');
  });

  it('refuses new connections, and keeps those that it has', async () => {
    const client = await connected(proxy.port);
    proxy.refuse();
    expect(await failure(connected(proxy.port))).toContain('ECONNREFUSED');
    expect(await client.ping()).toBe('PONG');
    await proxy.accept();
    expect(await (await connected(proxy.port)).ping()).toBe('PONG');
    expect(await client.ping()).toBe('PONG');
  });

  it('stalls: no data is delivered, and none is lost', async () => {
    const client = await connected(proxy.port);
    proxy.stall();
    const answer = client.incr('tickets');
    expect(await failure(within(100, answer, () => 'It hangs.'))).toContain('It hangs');
    expect(await valueOf('tickets')).toBeNull();
    expect(client.status).toBe('ready');
    await proxy.heal();
    expect(await answer).toBe(1);
  });

  it('takes its time, each way', async () => {
    const client = await connected(proxy.port);
    proxy.latency(50);
    const start = performance.now();
    expect(await Promise.all([client.incr('tickets'), client.incr('tickets')])).toEqual([1, 2]);
    // Timers may be a millisecond early.
    expect(performance.now() - start).toBeGreaterThanOrEqual(98);
    proxy.latency(60_000);
    const answer = client.incr('tickets');
    await proxy.heal();
    expect(await answer).toBe(3);
  });

  it('hangs up where there is no server behind it, and connects when there is one', async () => {
    const mortal = await RedisServer.start();
    const other = await FaultProxy.start({ host: '127.0.0.1', port: mortal.port });
    const client = await connected(other.port);
    const ended = once(client, 'end');
    await mortal.kill();
    await ended;
    expect(await failure(connected(other.port))).toContain('Connection is closed');
    await mortal.restart();
    expect(await (await connected(other.port)).ping()).toBe('PONG');
  });

  it('refuses everything once it is stopped', async () => {
    const client = await connected(proxy.port);
    const ended = once(client, 'end');
    await proxy.stop();
    await ended;
    expect(await failure(connected(proxy.port))).toContain('ECONNREFUSED');
  });
});

describe('a cluster of a test', () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => RedisServer.stopAll());

  it('takes keys on all of its masters, as soon as it has started', async () => {
    const client = new Cluster(cluster.seeds, { lazyConnect: true, clusterRetryStrategy: null });
    try {
      await client.connect();
      const keys = Array.from({ length: 50 }, (_, index) => `tickets:${index}`);
      expect(await Promise.all(keys.map(key => client.set(key, key)))).not.toContain(null);
      expect(await Promise.all(keys.map(key => client.get(key)))).toEqual(keys);
      const masters = await Promise.all(keys.map(key => cluster.masterOf(key)));
      expect(new Set(masters).size).toBe(3);
    } finally {
      client.disconnect();
    }
  });

  it('knows which node is the master of a key', async () => {
    const master = await cluster.masterOf('tickets');
    const others = cluster.nodes.filter(node => node !== master);
    const answers = others.map(node => failure(node.command('SET', 'tickets', '1')));
    expect(await master.command('SET', 'tickets', '1')).toBe('OK');
    for (const answer of await Promise.all(answers)) {
      expect(answer).toContain(`MOVED`);
      expect(answer).toContain(`:${master.port}`);
    }
  });

  it('has a replica take over from a master that is well, and loses nothing', async () => {
    const old = await cluster.masterOf('tickets');
    expect(await old.command('SET', 'tickets', '2')).toBe('OK');
    const replica = await cluster.replicaOf('tickets');
    const master = await cluster.failover('tickets');
    expect(master).toBe(replica);
    expect(await cluster.masterOf('tickets')).toBe(master);
    expect(await master.command('INCR', 'tickets')).toBe(3);
    expect(await failure(old.command('INCR', 'tickets'))).toContain('MOVED');
    await cluster.untilHealthy();
    expect(await cluster.replicaOf('tickets')).toBe(old);
  });

  it('has a replica take over from a master that was killed', async () => {
    const client = await connected((await cluster.masterOf('tickets')).port);
    await client.set('tickets', '5');
    expect(await client.wait(1, DEADLINE)).toBe(1);
    const killed = await cluster.killMaster('tickets');
    expect(killed.isUp).toBe(false);
    const master = await cluster.untilMaster('tickets', killed);
    expect(master).not.toBe(killed);
    expect(await master.command('INCR', 'tickets')).toBe(6);
    await killed.restart();
    await cluster.untilHealthy();
    expect(await cluster.replicaOf('tickets')).toBe(killed);
  });
});

describe('a master with sentinels of a test', () => {
  let sentinel: RedisSentinel;
  let master: RedisServer;

  beforeEach(async () => {
    sentinel = await RedisSentinel.start();
    master = await sentinel.master();
    const client = new Redis({
      sentinels: sentinel.sentinels,
      name: sentinel.name,
      lazyConnect: true,
      retryStrategy: () => null,
    });
    clients.push(client);
    await client.connect();
    await client.set('tickets', '7');
    expect(await client.wait(1, DEADLINE)).toBe(1);
  });
  afterEach(() => RedisServer.stopAll());

  it('has a replica take over when it is told to', async () => {
    expect(await master.command('GET', 'tickets')).toBe('7');
    const next = await sentinel.failover();
    expect(next).not.toBe(master);
    expect(await sentinel.master()).toBe(next);
    expect(await next.command('INCR', 'tickets')).toBe(8);
  });

  it('has a replica take over from a master that was killed', async () => {
    expect(await sentinel.killMaster()).toBe(master);
    const next = await sentinel.untilMaster(master);
    expect(next).not.toBe(master);
    expect(await next.command('INCR', 'tickets')).toBe(8);
  });
});

describe('the RESP reader', () => {
  const VALUES = [
    { text: '*2\r\n$4\r\nINCR\r\n$7\r\ntick\r\ns\r\n', type: '*', head: 'INCR' },
    { text: '+OK\r\n', type: '+', head: 'OK' },
    { text: '$-1\r\n', type: '$', head: '' },
    { text: '$0\r\n\r\n', type: '$', head: '' },
    { text: '*0\r\n', type: '*', head: '' },
    { text: '*-1\r\n', type: '*', head: '' },
    { text: '_\r\n', type: '_', head: '' },
    { text: '*3\r\n*2\r\n:1\r\n:2\r\n*0\r\n%1\r\n+a\r\n$1\r\nb\r\n', type: '*', head: '1' },
    { text: '>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n', type: '>', head: 'subscribe' },
    { text: '|1\r\n+ttl\r\n:60\r\n=5\r\ntxt:a\r\n', type: '|', head: 'ttl' },
    { text: '-ERR no\r\n', type: '-', head: 'ERR no' },
  ];
  const stream = Buffer.from(VALUES.map(({ text }) => text).join(''));
  const expected = VALUES.map(({ type, head }) => ({ type, head }));

  it('finds the end of each value', () => {
    const values = new RespReader().read(stream);
    expect(values).toMatchObject(expected);
    const lengths = values.map(({ end }, index) => end - (values[index - 1]?.end ?? 0));
    expect(lengths).toEqual(VALUES.map(({ text }) => text.length));
  });

  it('finds it in whatever pieces they come', () => {
    for (let size = 1; size < stream.length; size++) {
      const reader = new RespReader();
      const values = [];
      for (let at = 0; at < stream.length; at += size) {
        values.push(...reader.read(stream.subarray(at, at + size)));
      }
      expect(values).toMatchObject(expected);
      expect(reader.isMidway).toBe(false);
    }
  });
});

/** Resolves with a client that is ready, and that fails instead of trying again. */
async function connected(port: number): Promise<Redis> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => null,
  });
  clients.push(client);
  let why: unknown;
  client.on('error', error => (why = error));
  await client.connect().catch((error: unknown) => {
    throw why ?? error;
  });
  return client;
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'It did not fail.',
    (reason: unknown) => String(reason),
  );
}

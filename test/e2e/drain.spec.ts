import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Application } from '../support/application.js';

// Two tests run at the same time, and most of them stop their application.
afterAll(() => Application.endAll());

interface Fixture {
  readonly fastify?: boolean;
  readonly https?: boolean;
  readonly webSockets?: boolean;
  readonly keepAliveTimeout?: number;
}

async function configured(
  fixture: Fixture,
  env: Readonly<Record<string, string>> = {},
): Promise<Application> {
  return Application.ready('http/configured', {
    env: { CLUSTER_WORKERS: '1', FIXTURE: JSON.stringify(fixture), ...env },
  });
}

/** Opens a connection, and sends no request. */
async function silentConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

async function draining(app: Application): Promise<void> {
  await app.until(() => app.noted('drainSignal').length > 0);
}

describe.concurrent.each(['express', 'fastify'])(
  'what a stop does to connections (%s)',
  adapter => {
    const fastify = adapter === 'fastify';

    it.sequential('an idle one may be used once more, and then closes', async () => {
      const app = await configured({ fastify });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const ask = async (): Promise<{
        from: number | undefined;
        connection: string | undefined;
      }> => {
        const [response] = (await once(get(app.url('/hello'), { agent }), 'response')) as [
          IncomingMessage,
        ];
        const from = response.socket.localPort;
        expect(await text(response)).toBe('hello');
        return { from, connection: response.headers.connection };
      };
      const before = await ask();
      app.signal('SIGTERM');
      await draining(app);
      const during = await ask();

      expect(during.from).toBe(before.from);
      expect(before.connection).toBe('keep-alive');
      expect(during.connection).toBe('close');
      expect(await app.exited).toEqual({ code: 0, signal: null });
      // The worker did not wait for the keep-alive timeout of a closed connection.
      expect(app.of('workerExited')[0]?.phases?.connections).toBeLessThan(3_000);
      agent.destroy();
    });

    it.sequential(
      'an idle one that is not used any more closes after the keep-alive timeout',
      async () => {
        const app = await configured({ fastify, keepAliveTimeout: 2_000 });
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const [response] = (await once(get(app.url('/hello'), { agent }), 'response')) as [
          IncomingMessage,
        ];
        const { socket } = response;
        let error: Error | undefined;
        socket.on('error', failure => (error = failure));
        await text(response);
        app.signal('SIGTERM');
        expect(await app.exited).toEqual({ code: 0, signal: null });
        expect(error).toBeUndefined();
        expect(app.of('workerExited')[0]?.phases?.connections).toBeLessThan(4_500);
        agent.destroy();
      },
    );

    it.sequential('one that never sent anything closes after a second', async () => {
      const app = await configured({ fastify });
      const socket = await silentConnection(app.port);
      // A response on another connection shows that the worker has accepted this one.
      await fetch(app.url('/hello'), { headers: { connection: 'close' } });
      app.signal('SIGTERM');
      await once(socket.resume(), 'close');
      expect(await app.exited).toEqual({ code: 0, signal: null });
      const { connections } = app.of('workerExited')[0]!.phases!;
      expect(connections).toBeGreaterThanOrEqual(900);
      expect(connections).toBeLessThan(3_000);
    });

    it.sequential(
      'a request that takes longer than the budget is cut, and the hooks still run',
      async () => {
        const app = await configured({ fastify }, { CLUSTER_SHUTDOWN_TIMEOUT: '2000' });
        const cut = fetch(app.url('/hello?ms=60000')).then(
          () => 'answered',
          () => 'cut',
        );
        await fetch(app.url('/hello'), { headers: { connection: 'close' } });
        app.signal('SIGTERM');
        expect(await app.exited).toEqual({ code: 0, signal: null });
        expect(await cut).toBe('cut');
        expect(app.noted('destroyed')).toMatchObject([{ inFlight: 1 }]);
        expect(app.of('workerExited')[0]).toMatchObject({
          unfinished: { requests: 1, messages: 0, tasks: 0 },
        });
        expect(app.stdout).toMatch(/WARN.*not finished 1 request, .*raise shutdown\.timeout/);
      },
    );

    it.sequential('a stream of server-sent events ends cleanly and at once', async () => {
      const app = await configured({ fastify });
      const response = await fetch(app.url('/ticks'), { headers: { accept: 'text/event-stream' } });
      const reader = response.body!.getReader();
      await reader.read();
      app.signal('SIGTERM');
      // Rejects if the connection is cut before the stream has ended.
      let end = await reader.read();
      while (!end.done) {
        end = await reader.read();
      }
      expect(await app.exited).toEqual({ code: 0, signal: null });
      expect(app.of('workerExited')[0]?.phases?.connections).toBeLessThan(3_000);
      expect(app.stderr).not.toContain('ERR_STREAM_WRITE_AFTER_END');
    });

    it.sequential('a WebSocket is told that the service restarts', async () => {
      const app = await configured({ fastify, webSockets: true });
      const socket = new WebSocket(`ws://127.0.0.1:${app.port}`);
      await once(socket, 'open');
      socket.send(JSON.stringify({ event: 'echo', data: 1 }));
      await once(socket, 'message');
      app.signal('SIGTERM');
      const [code] = (await once(socket, 'close')) as [number];
      expect(code).toBe(1012);
      expect(await app.exited).toEqual({ code: 0, signal: null });
      expect(app.of('workerExited')[0]?.phases?.connections).toBeLessThan(3_000);
    });

    it.sequential('HTTPS drains as HTTP does', async () => {
      const app = await configured({ fastify, https: true });
      const agent = new HttpsAgent({ keepAlive: true, rejectUnauthorized: false });
      const ask = async (path: string): Promise<string> => {
        const request = httpsGet(`https://127.0.0.1:${app.port}${path}`, { agent });
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        return `${response.headers.connection}: ${await text(response)}`;
      };
      expect(await ask('/hello')).toBe('keep-alive: hello');
      const inFlight = ask('/hello?ms=3000');
      await ask('/hello');
      app.signal('SIGTERM');
      await draining(app);
      expect(await inFlight).toBe('close: hello');
      expect(await ask('/hello')).toBe('close: hello');
      expect(await app.exited).toEqual({ code: 0, signal: null });
      expect(app.noted('destroyed')).toMatchObject([{ inFlight: 0 }]);
      agent.destroy();
    });
  },
);

describe('the readiness delay', () => {
  it.each([
    ['SIGTERM to the primary', (app: Application) => app.signal('SIGTERM')],
    ['SIGTERM to every process, as systemd does', (app: Application) => app.signalGroup('SIGTERM')],
  ])('lets the host serve on, and say that it stops: %s', async (_, stop) => {
    const app = await Application.ready('http/express', {
      env: { CLUSTER_SHUTDOWN_READINESS_DELAY: '1500' },
    });
    const begun = Date.now();
    stop(app);
    await app.until(() => app.stdout.includes('Continuing to serve for 1500 ms'));
    const response = await fetch(app.url('/status'), { headers: { connection: 'close' } });
    expect(await response.json()).toMatchObject({
      state: 'stopping',
      workers: [{ state: 'ready' }, { state: 'ready' }],
    });
    expect(app.noted('drainSignal')).toEqual([]);
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_500);
  });
});

describe('single mode', () => {
  it.each([{}, { FIXTURE: JSON.stringify({ hooks: true }) }])(
    'drains on SIGTERM as a worker does, and exits with code 0 (%j)',
    async env => {
      const app = await Application.start('http/configured', {
        env: { CLUSTER_WORKERS: '0', ...env },
      });
      await app.until(() => app.count('workerReady') === 1);
      const inFlight = fetch(app.url('/hello?ms=1000'));
      await fetch(app.url('/hello'), { headers: { connection: 'close' } });
      app.signal('SIGTERM');
      expect(await (await inFlight).text()).toBe('hello');
      expect(await app.exited).toEqual({ code: 0, signal: null });
      expect(app.noted('destroyed')).toMatchObject([{ inFlight: 0 }]);
      expect(app.noted('onApplicationShutdown')).toMatchObject([{ signal: 'SIGTERM' }]);
    },
  );

  it('closes all applications of the process, and cuts none', async () => {
    const app = await Application.start('kinds/two-apps', { env: { CLUSTER_WORKERS: '0' } });
    await app.until(() => app.noted('both-listen').length === 1);
    const inFlight = fetch(app.url('/hello?ms=1500'));
    await fetch(app.url('/hello'), { headers: { connection: 'close' } });
    app.signal('SIGTERM');
    expect(await (await inFlight).text()).toBe('hello');
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });
});

describe('two applications in one worker', () => {
  it('one may close while the other continues to serve', async () => {
    const app = await Application.start('kinds/two-apps', { env: { CLUSTER_WORKERS: '1' } });
    await app.until(() => app.noted('both-listen').length === 1);
    await fetch(app.url('/close'), { method: 'POST' });
    await app.until(() => app.noted('after-close').length === 1);
    expect(await (await fetch(app.url('/hello'))).text()).toBe('hello');
    expect(app.count('workerDraining')).toBe(0);
  });
});

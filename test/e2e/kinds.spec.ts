import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { eventually } from '../support/eventually.js';
import { isAlive } from '../support/processes.js';
import { Application, type Note } from '../support/application.js';

afterEach(() => Application.endAll());

/** The notes in a log that is separate from the output of the application. */
function notesIn(log: string): Note[] {
  const lines = log.split('\n').filter(line => line.startsWith('@') && line.endsWith('}'));
  return lines.map(line => JSON.parse(line.slice(1)) as Note);
}

describe('applications without an HTTP server', () => {
  it('an application context that is to have workers boots, becomes ready and stops', async () => {
    const app = await Application.ready('kinds/context', { env: { CLUSTER_CONTEXTS: 'cluster' } });
    // The notes have a pipe of their own.
    await app.until(() => app.noted('constructed').length === 2);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.noted('destroyed')).toHaveLength(2);
    await app.noneLeft();
  });

  it('a microservice boots, answers from its workers and stops', async () => {
    const app = await Application.ready('kinds/microservice');
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: app.port },
    });
    expect([0, 1]).toContain(await lastValueFrom(client.send<number>('worker', {})));
    await client.close();
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.noted('destroyed')).toHaveLength(2);
    expect(app.of('workerListening')).toMatchObject([
      { address: { port: app.port } },
      { address: { port: app.port } },
    ]);
    await app.noneLeft();
  });
});

it('a root module that is made among the arguments of create() has workers', async () => {
  const app = await Application.ready('kinds/dynamic-root');
  expect(app.of('workerListening')).toHaveLength(2);
  app.signal('SIGTERM');
  expect(await app.exited).toEqual({ code: 0, signal: null });
  await app.noneLeft();
});

it('a root module that is imported among the arguments of create() has none, and the log says why', async () => {
  const app = await Application.start('kinds/late-import');
  await app.until(() => app.stdout.includes('successfully started'));
  expect(app.stdout).toContain(
    'Single mode, no workers: NestFactory did not create the application, or its call began before this package was imported.',
  );
});

describe('a process that is told to stop while it boots', () => {
  it('ends at once in single mode, as without the package', async () => {
    const app = await Application.start('kinds/stopped-early', { env: { CLUSTER_WORKERS: '0' } });
    expect(await app.exited).toEqual({ code: null, signal: 'SIGTERM' });
    expect(app.noted('destroyed')).toEqual([]);
  });
});

describe('a script', () => {
  it.each(['context', 'commander', 'repl'])(
    'runs once, in one process, and ends (%s)',
    async kind => {
      const app = await Application.start('kinds/script', { env: { SCRIPT: kind } });
      expect(await app.exited).toEqual({ code: 0, signal: null });
      expect(app.noted('counted')).toMatchObject([{ pid: app.pid, mode: 'single', value: 1 }]);
      // A REPL prints its prompt on the same line, before the note.
      expect(app.stdout.match(/"what":"destroyed"/g)).toHaveLength(1);
      expect(app.count('workerForked')).toBe(0);
    },
  );
});

/** The application creates a context first. Its first worker then starts two applications as child processes. */
describe('an application that makes a context first, and starts others', () => {
  it('has one set of workers, which share their state with the context', async () => {
    const log = join(await mkdtemp(join(tmpdir(), 'family-')), 'second.log');
    const app = await Application.start('kinds/family', {
      env: { CLUSTER_WORKERS: '1', SECOND_LOG: log },
    });
    await app.until(() => app.noted('serves').length === 2);
    const readLog = (): Promise<string> => readFile(log, 'utf8').catch(() => '');
    await eventually(
      async () => notesIn(await readLog()).length === 2,
      30_000,
      () => app.output,
    );
    const seconds = notesIn(await readLog());
    const of = (role: string) => app.noted('serves').filter(note => note['role'] === role);
    const [worker] = of('host');
    const others = [...of('child'), ...seconds].map(({ pid }) => pid);
    try {
      // The context in the primary runs as a script, in single mode. The context in the worker belongs to the worker.
      expect(app.noted('context')).toMatchObject([
        { pid: app.pid, mode: 'single', value: 1 },
        { pid: worker!.pid, mode: 'worker', value: 1 },
      ]);
      expect(worker).toMatchObject({ mode: 'worker', value: 2 });
      expect(app.of('workerReady').filter(({ pid }) => pid === worker!.pid)).toHaveLength(1);
      expect(app.of('workerDraining').filter(({ pid }) => pid !== app.pid)).toEqual([]);
      expect(of('child')).toMatchObject([{ mode: 'single' }]);
      expect(seconds).toMatchObject([{ mode: 'worker' }, { mode: 'worker' }]);
      expect(app.stdout.match(/Single mode.*started by another host/g)).toHaveLength(1);

      app.signal('SIGKILL');
      const second = [...seconds.map(({ pid }) => pid), app.noted('second')[0]!['host']];
      await eventually(
        () => !second.some(pid => isAlive(pid as number)),
        10_000,
        () => app.output,
      );
      expect(await readLog()).toContain(
        `(primary ${app.pid}) has exited; stopping this host as well`,
      );
    } finally {
      others.filter(isAlive).forEach(pid => process.kill(pid, 'SIGKILL'));
      await rm(dirname(log), { recursive: true });
    }
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { eventually } from '../support/eventually.js';
import { isAlive } from '../support/processes.js';
import { Application } from '../support/application.js';

afterEach(() => Application.endAll());

describe('applications without an HTTP server', () => {
  it('an application context that is to have workers boots, becomes ready and stops', async () => {
    const app = await Application.ready('kinds/context', { env: { CLUSTER_CONTEXTS: 'cluster' } });
    expect(app.noted('constructed')).toHaveLength(2);
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

describe('a script', () => {
  it.each(['context', 'repl'])('runs once, in one process, and ends (%s)', async kind => {
    const app = await Application.start('kinds/script', { env: { SCRIPT: kind } });
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.noted('counted')).toMatchObject([{ pid: app.pid, mode: 'single', value: 1 }]);
    // A REPL leaves its prompt in front of it.
    expect(app.stdout.match(/"what":"destroyed"/g)).toHaveLength(1);
    expect(app.count('workerForked')).toBe(0);
  });
});

/** A context, then an application, whose first worker starts two applications as processes of its own. */
describe('an application that makes a context first, and starts others', () => {
  it('has workers all the same, which share their state with the context, and are the only ones of the host', async () => {
    const app = await Application.start('kinds/family', { env: { CLUSTER_WORKERS: '1' } });
    await app.until(() => app.noted('serves').length === 4);
    const of = (role: string) => app.noted('serves').filter(note => note['role'] === role);
    const [worker] = of('host');
    const others = [...of('child'), ...of('second')].map(({ pid }) => pid);
    try {
      // The context of the primary is a script of its own; the one of the worker is part of the worker.
      expect(app.noted('context')).toMatchObject([
        { pid: app.pid, mode: 'single', value: 1 },
        { pid: worker!.pid, mode: 'worker', value: 1 },
      ]);
      expect(worker).toMatchObject({ mode: 'worker', value: 2 });
      expect(app.of('workerReady').filter(({ pid }) => pid === worker!.pid)).toHaveLength(1);
      expect(app.of('workerDraining').filter(({ pid }) => pid !== app.pid)).toEqual([]);
      expect(of('child')).toMatchObject([{ mode: 'single' }]);
      expect(of('second')).toMatchObject([{ mode: 'worker' }, { mode: 'worker' }]);
      expect(app.stdout.match(/Single mode.*started by a process of another host/g)).toHaveLength(
        1,
      );

      app.signal('SIGKILL');
      const second = [...of('second').map(({ pid }) => pid), app.noted('second')[0]!['host']];
      await eventually(
        () => !second.some(pid => isAlive(pid as number)),
        10_000,
        () => app.output,
      );
      expect(app.stdout).toContain(`(primary ${app.pid}) has ended: this one stops, too`);
    } finally {
      others.filter(isAlive).forEach(pid => process.kill(pid, 'SIGKILL'));
    }
  });
});

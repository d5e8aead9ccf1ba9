import { afterEach, describe, expect, it } from '@jest/globals';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { Application } from '../support/application.js';

afterEach(() => Application.endAll());

describe('applications without an HTTP server', () => {
  it('an application context boots, becomes ready and stops', async () => {
    const app = await Application.ready('kinds/context');
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

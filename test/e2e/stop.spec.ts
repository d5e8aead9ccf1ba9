import { afterEach, describe, expect, it } from '@jest/globals';
import { Application } from '../support/application.js';
import { Load } from '../support/load.js';

afterEach(() => Application.endAll());

describe.each(['http/express', 'http/fastify'])('stopping a host under load (%s)', fixture => {
  it.each([
    ['SIGTERM to the primary', (app: Application) => app.signal('SIGTERM')],
    ['Ctrl-C: SIGINT to the process group', (app: Application) => app.signalGroup('SIGINT')],
  ])('answers every request it accepted: %s', async (_, stop) => {
    const app = await Application.ready(fixture);
    const load = new Load(app.url('/hello?ms=20'), { keepAlive: 32, oneShot: 32 });
    await load.untilAnswered(500);
    await app.rememberProcesses();

    stop(app);

    expect(await app.exited).toEqual({ code: 0, signal: null });
    const report = await load.stop();
    console.log(
      report,
      app.of('workerExited').map(e => e.phases),
    );
    expect(report).toMatchObject({ cut: 0, hung: 0, failed: 0 });
    expect(app.noted('destroyed').map(({ inFlight }) => inFlight)).toEqual([0, 0]);
    expect(app.noted('request-after-destroy')).toEqual([]);
    await app.noneLeft();
  });
});

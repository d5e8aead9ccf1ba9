import { afterEach, describe, expect, it } from 'vitest';
import { Application, RECORD_ACCEPTED } from '../support/application.js';
import { Load } from '../support/load.js';

afterEach(() => Application.endAll());

describe.each(['http/express', 'http/fastify'])('stopping a host under load (%s)', fixture => {
  it.each([
    ['SIGTERM to the primary', (app: Application) => app.signal('SIGTERM')],
    ['SIGTERM to every process, as systemd does', (app: Application) => app.signalGroup('SIGTERM')],
    ['Ctrl-C: SIGINT to the process group', (app: Application) => app.signalGroup('SIGINT')],
  ])('answers every request it accepted: %s', async (_, stop) => {
    const app = await Application.ready(fixture, { nodeArgs: RECORD_ACCEPTED });
    const load = new Load(app.url('/hello?ms=20'), { keepAlive: 32, oneShot: 32 });
    await load.untilAnswered(500);
    await app.rememberProcesses();

    stop(app);

    expect(await app.exited).toEqual({ code: 0, signal: null });
    const report = await load.stop(app.accepted);
    expect(app.accepted.size).toBeGreaterThan(64);
    const destroyed = app.noted('destroyed');
    expect(report).toMatchObject({ cut: 0, hung: 0, failed: 0, errors: [] });
    expect(destroyed.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
    expect(destroyed.reduce((sum, { served }) => sum + Number(served), 0)).toBe(report.answered);
    expect(app.noted('request-after-destroy')).toEqual([]);
    expect(app.noted('response-after-destroy')).toEqual([]);
    await app.noneLeft();
  });
});

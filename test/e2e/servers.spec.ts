import { afterEach, describe, expect, it } from 'vitest';
import { Application, RECORD_ACCEPTED } from '../support/application.js';
import { freePort } from '../support/free-port.mjs';
import { Load } from '../support/load.js';

afterEach(() => Application.endAll());

describe('a worker with several HTTP servers', () => {
  it.each([true, false])(
    'drains all of them in a reload and a stop (made by hand: %s)',
    async byHand => {
      const [metricsPort, securePort] = [await freePort(), await freePort()];
      const env = {
        FIXTURE: JSON.stringify({ byHand }),
        METRICS_PORT: String(metricsPort),
        SECURE_PORT: String(securePort),
        CLUSTER_SPARE: '1',
      };
      const app = await Application.ready('kinds/servers', {
        env,
        nodeArgs: RECORD_ACCEPTED,
      });
      await app.until(() => app.count('workerStandby') === 1);
      const portsOf = (pid: number): unknown[] =>
        app
          .of('workerListening')
          .filter(event => event.pid === pid)
          .map(({ address }) => address.port);
      // The spare does not serve the application yet. Only its server for metrics listens.
      expect(portsOf(app.of('workerStandby')[0]!.pid)).toEqual([metricsPort]);
      const serving = byHand ? [app.port, securePort] : [app.port];
      expect(new Set(portsOf(app.of('workerReady')[0]!.pid))).toEqual(
        new Set([metricsPort, ...serving]),
      );

      const clients = { keepAlive: 8, oneShot: 8 };
      const begin = (): Load[] => [
        new Load(app.url('/hello?ms=5'), clients),
        new Load(`http://127.0.0.1:${metricsPort}/metrics`, clients),
      ];
      const during = begin();
      await Promise.all(during.map(load => load.untilAnswered(100)));
      app.signal('SIGHUP');
      await app.until(() => app.count('reloadFinished') === 1, 60_000);
      expect(app.of('reloadFinished')).toMatchObject([{ outcome: 'done' }]);
      for (const load of during) {
        expect(await load.stop()).toMatchObject({ cut: 0, refused: 0, hung: 0, failed: 0 });
      }

      // The next spare listens, too: it is ready to leave when it stands by.
      const replaced = new Set(app.of('workerReady').map(({ pid }) => pid));
      await app.until(() =>
        app
          .of('workerStandby')
          .some(({ pid, generation }) => generation === 1 && !replaced.has(pid)),
      );
      const atTheEnd = begin();
      await Promise.all(atTheEnd.map(load => load.untilAnswered(100)));
      app.signal('SIGTERM');
      expect(await app.exited).toEqual({ code: 0, signal: null });
      for (const load of atTheEnd) {
        expect(await load.stop(app.accepted)).toMatchObject({
          cut: 0,
          hung: 0,
          failed: 0,
          errors: [],
        });
      }
      expect(app.of('workerExited').map(({ reason }) => reason)).not.toContain('drain-timeout');
      expect(app.output).not.toContain('ERR_SERVER_NOT_RUNNING');
      expect(app.noted('servers-closed').length).toBeGreaterThanOrEqual(4);
      await app.noneLeft();
    },
  );

  it('is a spare that begins to listen when it takes over a slot', async () => {
    const [metricsPort, securePort] = [await freePort(), await freePort()];
    const app = await Application.ready('kinds/servers', {
      env: {
        FIXTURE: JSON.stringify({ byHand: true }),
        METRICS_PORT: String(metricsPort),
        SECURE_PORT: String(securePort),
        CLUSTER_WORKERS: '1',
        CLUSTER_SPARE: '1',
      },
    });
    await app.until(() => app.count('workerStandby') === 1);
    const spare = app.of('workerStandby')[0]!.pid;
    process.kill(app.of('workerReady')[0]!.pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 2);
    expect(app.of('workerReady')[1]).toMatchObject({ pid: spare, slot: 0 });
    const worker = (await (await fetch(app.url('/worker'))).json()) as { pid: number };
    expect(worker.pid).toBe(spare);
  });
});

import { afterEach, expect, it } from '@jest/globals';
import { SERVICE_VARIABLES } from '../../src/systemd/service-variables.js';
import { freePort } from '../support/free-port.mjs';
import { fixturesDirectory } from '../support/ioredis/ioredis-versions.mjs';
import { type Service, ServiceManager } from '../support/systemd/service-manager.js';

afterEach(() => ServiceManager.endAll());

function service(env: Record<string, string>, others: Partial<Service> = {}): Service {
  return {
    command: [process.execPath, `${fixturesDirectory()}/http/configured.js`],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NO_COLOR: '1',
      CLUSTER_WORKERS: '2',
      ...env,
    },
    ...others,
  };
}

/** What the service has announced, in order. */
function announcements(manager: ServiceManager): string[] {
  return manager.notifications
    .flatMap(({ lines }) => lines)
    .filter(line => /^(READY|RELOADING|STOPPING)=/.test(line));
}

it('tells systemd when it is ready, reloads, lives and stops', async () => {
  const port = await freePort();
  const notify = `@nestjs-cluster-${process.pid}-${port}`;
  const watchdog = 1_000_000;
  const manager = await ServiceManager.create(
    service({ PORT: String(port) }, { notify, watchdog }),
  );
  await manager.startReady();
  expect(announcements(manager)).toEqual(['READY=1']);
  expect(manager.count('STATUS=2 of 2 workers ready, generation 0')).toBe(1);

  const variables = (await (await fetch(`http://127.0.0.1:${port}/variables`)).json()) as string[];
  expect(variables).toContain('CLUSTER_SLOT');
  expect(variables.filter(name => SERVICE_VARIABLES.includes(name))).toEqual([]);

  const before = process.hrtime.bigint() / 1_000n;
  manager.kill('SIGHUP');
  await manager.until(() => manager.count('READY=1') === 2);
  const reloading = manager.notifications.find(({ lines }) => lines.includes('RELOADING=1'));
  const time = reloading?.lines.find(line => line.startsWith('MONOTONIC_USEC='))?.split('=')[1];
  expect(BigInt(time ?? 0)).toBeGreaterThanOrEqual(before);
  expect(manager.count('STATUS=2 of 2 workers ready, generation 1')).toBe(1);

  const signs = manager.count('WATCHDOG=1');
  await manager.until(() => manager.count('WATCHDOG=1') >= signs + 2);

  await manager.stop();
  await manager.until(() => manager.count('STOPPING=1') === 1);
  expect(announcements(manager)).toEqual(['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1']);
  expect(manager.exits).toEqual([0]);
});

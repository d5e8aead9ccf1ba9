import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.mjs';
import { fixturesDirectory } from '../support/ioredis/ioredis-versions.mjs';
import { RealSystemd } from '../support/systemd/real-systemd.js';

/**
 * Only when asked for, with `npm run verify:systemd`, as root: a real systemd starts a real unit. In the suite, a program
 * plays systemd.
 */
const onDemand = process.env['REAL_SYSTEMD'] ? describe : describe.skip;

const UNIT = 'app.service';

onDemand('a unit of systemd with Type=notify', () => {
  const systemd = new RealSystemd();
  let pid = '';

  beforeAll(async () => {
    if (!RealSystemd.isPossible()) {
      throw new Error('This test needs root, systemd, and the control groups of version 1.');
    }
    // As in docs/deploy.md, without the sandbox, which a user instance cannot provide.
    await systemd.start({
      [UNIT]: `
[Service]
Type=notify
NotifyAccess=all
Environment=PORT=${await freePort()} CLUSTER_WORKERS=2 NO_COLOR=1 FIXTURE={}
ExecStart=${process.execPath} ${fixturesDirectory()}/http/configured.js
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
TimeoutStartSec=90
TimeoutStopSec=30
WatchdogSec=3
Restart=on-failure
RestartSec=2s
`,
    });
  });

  afterAll(() => systemd.stop());

  const until = (properties: Readonly<Record<string, string>>): Promise<void> =>
    eventually(
      async () => {
        const unit = await systemd.show(UNIT);
        return Object.entries(properties).every(([name, value]) => unit[name] === value);
      },
      30_000,
      () => systemd.output,
    );

  it('is active when all workers are ready', async () => {
    await systemd.systemctl('start', UNIT);
    const unit = await systemd.show(UNIT);
    expect(unit).toMatchObject({
      Type: 'notify',
      ActiveState: 'active',
      SubState: 'running',
      StatusText: '2 of 2 workers ready, generation 0',
      NRestarts: '0',
    });
    pid = unit['MainPID']!;
  });

  it('says that it reloads, and when it has reloaded, in the same process', async () => {
    const reloaded = systemd.systemctl('reload', UNIT);
    await until({ ActiveState: 'reloading' });
    await reloaded;
    await until({ ActiveState: 'active', StatusText: '2 of 2 workers ready, generation 1' });
    expect(await systemd.show(UNIT)).toMatchObject({ MainPID: pid, NRestarts: '0' });
  });

  it('is started again if the primary is blocked for WatchdogSec', async () => {
    // Its signs of life have lasted for longer than WatchdogSec.
    const { WatchdogTimestampMonotonic: sign } = await systemd.show(UNIT);
    await eventually(
      async () => (await systemd.show(UNIT))['WatchdogTimestampMonotonic'] !== sign,
      10_000,
      () => systemd.output,
    );
    process.kill(Number(pid), 'SIGSTOP');
    await until({ Result: 'watchdog', SubState: 'auto-restart' });
    await until({ NRestarts: '1', ActiveState: 'active' });
    const { MainPID } = await systemd.show(UNIT);
    expect(MainPID).not.toBe(pid);
  });

  it('stops with success', async () => {
    await systemd.systemctl('stop', UNIT);
    expect(await systemd.show(UNIT)).toMatchObject({
      ActiveState: 'inactive',
      Result: 'success',
    });
  });
});

import { readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { RedisServer } from '../support/redis/redis-server.js';

const SECRET = 'Tr0ub4dor';
const PASSWORD = `${SECRET}/&3`;

afterEach(async () => {
  await Application.endAll();
  await RedisServer.stopAll();
});

it('a password of Redis, right or wrong, occurs in nothing that a host tells', async () => {
  const server = await RedisServer.start();
  await server.command('ACL', 'SETUSER', 'app', 'on', '>another', '~*', '&*', '+@all');
  const url = `redis://app:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`;
  const app = await Application.ready('health/main', {
    env: { CLUSTER_REDIS_URL: url, CLUSTER_STATE_TIMEOUT: '500' },
  });
  const told: string[] = [];
  const ask = async (path: string, method = 'GET'): Promise<string> => {
    const headers = { connection: 'close' };
    const answer = await (await fetch(app.url(path), { method, headers })).text();
    told.push(answer);
    return answer;
  };
  const untilState = (status: string): Promise<void> =>
    eventually(
      async () => (await ask('/health/ready')).includes(`"state":{"status":"${status}"`),
      15_000,
      () => `${told.at(-1)}\n${app.output}`,
    );

  await untilState('degraded');
  expect(await ask('/flood?events=1', 'POST')).toContain('500');
  await app.until(() => /Redis is unreachable/.test(app.output));
  expect(await ask('/status')).toContain('"workers"');

  await server.command('ACL', 'SETUSER', 'app', `>${PASSWORD}`);
  await untilState('up');
  await ask('/flood?events=1', 'POST');

  const pids = [app.pid, ...app.of('workerReady').map(({ pid }) => pid)];
  for (const pid of pids) {
    told.push(await readFile(`/proc/${pid}/cmdline`, 'utf8'));
    told.push(await readFile(`/proc/${pid}/comm`, 'utf8'));
  }
  app.signal('SIGTERM');
  await app.exited;
  told.push(app.output, JSON.stringify(app.events), JSON.stringify(app.notes));
  expect(told.filter(text => text.includes(SECRET))).toEqual([]);
  expect(pids).toHaveLength(3);
});

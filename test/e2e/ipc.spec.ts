import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { ask, statusOf } from '../support/ask.js';

const preload = fileURLToPath(new URL('../support/say-anything.mjs', import.meta.url));

let app: Application;

beforeAll(async () => {
  app = await Application.ready('operations/main', {
    nodeArgs: ['--import', preload],
    env: { OTHER_PROTOCOL: '0' },
  });
});

afterAll(() => Application.endAll());

const pids = async (): Promise<number[]> => (await statusOf(app)).workers.map(({ pid }) => pid);

describe('a host', () => {
  it('continues to serve when a worker sends invalid messages, and logs this once', async () => {
    const before = await pids();
    expect(before).toHaveLength(2);
    for (const pid of before) {
      process.kill(pid, 'SIGUSR2');
    }
    await app.until(() => app.noted('refused').length === 2);
    expect(await pids()).toEqual(before);
    expect(await ask(app, '/release')).toMatchObject({ generation: 0 });
    expect(app.output.split('sent an invalid message')).toHaveLength(3);
    expect(app.output).not.toContain('\u001b');
    expect(app.of('workerExited')).toEqual([]);
  });

  it('fails a reload whose workers have another version, and keeps those it has', async () => {
    const before = await pids();
    app.signal('SIGHUP');
    await app.until(() => app.count('reloadFinished') === 1);
    const [finished] = app.of('reloadFinished');
    expect(finished).toMatchObject({ outcome: 'failed' });
    expect(finished?.error).toMatch(/failed to boot.*Restart the host/);
    expect(await pids()).toEqual(before);
    expect(await ask(app, '/release')).toMatchObject({ generation: 0 });
  });
});

import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import { seal } from '../../../src/ipc/envelope.js';
import { ownHello } from '../../../src/ipc/protocol-version.js';
import { type FirstWorker, forkFirst } from '../../../src/start/first-worker.js';
import { defaultLogging } from '../../../src/start/logging-data.js';
import { reportOf } from '../../../src/start/options-data.js';
import { onceMarks } from '../../../src/state/once-marks.js';
import type { WorkerPlace } from '../../../src/supervisor/node-cluster/worker-process.js';
import { FakeProcess } from '../../support/fake-process.js';

const VALID = reportOf(resolveOptions({}, {}), defaultLogging(false, {}));

function fork(): { fake: FakeProcess; places: WorkerPlace[]; first: FirstWorker } {
  const fake = new FakeProcess();
  const places: WorkerPlace[] = [];
  const first = forkFirst(place => {
    places.push(place);
    return fake.worker;
  });
  return { fake, places, first };
}

describe('forkFirst()', () => {
  it('forks the worker of slot 0, and resolves with its report', async () => {
    const { fake, places, first } = fork();
    expect(places).toMatchObject([{ slot: 0, earlyTask: 'report' }]);
    fake.link.emit('message', seal([{ hello: ownHello() }, { message: VALID }]));
    expect(await first.report).toEqual(VALID);
  });

  it('keeps the report from the supervisor, and nothing else', async () => {
    const { fake, first } = fork();
    fake.link.emit('message', seal([{ hello: ownHello() }, { message: VALID }]));
    fake.link.emit('message', seal([{ message: { type: 'ready' } }]));
    await first.report;
    const received: unknown[] = [];
    first.worker.adopt().link.on('message', message => received.push(message));
    await new Promise(resolve => setImmediate(resolve));
    expect(received).toEqual([seal([{ message: { type: 'ready' } }])]);
  });

  it('notes what the worker has done once, and waits for the report', async () => {
    const { fake, first } = fork();
    const mark = { key: 'migrations', text: '{"at":1}', ttl: 1_000 };
    const done = { type: 'once', marks: [mark] } as const;
    fake.link.emit('message', seal([{ hello: ownHello() }, { message: done }]));
    expect(onceMarks().get('migrations')).toEqual(mark);
    onceMarks().clear();
    fake.link.emit('message', seal([{ hello: ownHello() }, { message: VALID }]));
    expect(await first.report).toEqual(VALID);
  });

  it.each([
    ['an invalid report', [{ hello: ownHello() }, { message: { type: 'options', options: {} } }]],
    ['another version', [{ hello: { ...ownHello(), protocol: 999 } }]],
  ])('takes %s for another version of the package', async (_, packets) => {
    const { fake, first } = fork();
    fake.link.emit('message', seal(packets as never));
    expect(await first.report).toEqual({ type: 'incompatible' });
  });

  it('notices a worker that listens without a report', async () => {
    const { fake, first } = fork();
    fake.emit('listening', { address: null, port: 80 });
    expect(await first.report).toEqual({ type: 'listens' });
  });

  it('reports the end when both the process and its channel have ended', async () => {
    const { fake, first } = fork();
    let isReported = false;
    const reported = first.report.then(report => {
      isReported = true;
      return report;
    });
    fake.emit('exit', 3, null);
    await new Promise(resolve => setImmediate(resolve));
    expect(isReported).toBe(false);
    fake.emit('disconnect');
    expect(await reported).toEqual({ type: 'ended', end: { code: 3, signal: null } });
  });
});

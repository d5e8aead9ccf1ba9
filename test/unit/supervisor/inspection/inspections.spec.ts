import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InspectionProgress } from '../../../../src/control/inspection.js';
import { Inspections } from '../../../../src/supervisor/inspection/inspections.js';
import { OutputSink } from '../../../../src/supervisor/output/output-sink.js';
import { WorkerOutput } from '../../../../src/supervisor/output/worker-output.js';
import type { WorkerHandle } from '../../../../src/supervisor/workers/handle/worker-handle.js';
import { systemClock } from '../../../../src/system/time/clock.js';
import { eventually } from '../../../support/eventually.js';
import { InspectableProcess } from '../../../support/fakes/inspectable-process.js';

let process: InspectableProcess;
let worker: Record<string, unknown>;
let suspensions: string[];
let told: InspectionProgress[];
let client: AbortController;

beforeEach(() => {
  process = new InspectableProcess();
  suspensions = [];
  told = [];
  client = new AbortController();
  const output = new WorkerOutput(process.stderr, new OutputSink(new PassThrough()), systemClock);
  output.release();
  const { pid } = process;
  worker = {
    slot: 0,
    pid,
    state: 'ready',
    serves: true,
    isOnline: true,
    isHung: false,
    identify: () => ({ slot: 0, pid, generation: 0, id: 1 }),
    describe: () => ({ heartbeatOverdue: 5_000 }),
    inspector: (create: (...args: unknown[]) => unknown) => create(process, output),
    suspendLimits: () => {
      suspensions.push('suspended');
      return () => void suspensions.push('resumed');
    },
  };
});

afterEach(() => process.exit());

function inspections(inspected = false, others: readonly object[] = []): Inspections {
  return new Inspections({
    clock: { after: () => () => {} },
    logger: { warn: () => {} },
    inspected,
    workers: () => [...others, worker] as unknown as WorkerHandle[],
  });
}

const context = () => ({
  item: (each: InspectionProgress) => void told.push(each),
  signal: client.signal,
});

describe('an inspection', () => {
  it('suspends the limits of the worker until its inspector is closed', async () => {
    process.answer = ({ id }, send) => {
      suspensions.push('asked');
      const frame = { text: 'spin (/app/spin.js:1:2)', url: '/app/spin.js', line: 1, column: 2 };
      send({ id, result: { result: { value: [frame] } } });
    };
    const trace = await inspections().run({ name: 'trace', slot: 0 }, context());
    expect(trace).toMatchObject({ slot: 0, overdue: 5_000, stack: expect.stringMatching(/spin/) });
    expect(process.isOpen).toBe(false);
    expect(suspensions).toEqual(['suspended', 'asked', 'resumed']);
  });

  it('leaves the inspector open for a debugger until the client leaves, and refuses others', async () => {
    const all = inspections();
    const opened = new Promise<InspectionProgress>(resolve => {
      const item = (each: InspectionProgress): void => resolve(each);
      void all
        .run({ name: 'inspect', slot: 0, minutes: 1 }, { ...context(), item })
        .catch((error: Error) => told.push({ type: 'written', bytes: error.message.length }));
    });
    expect(await opened).toMatchObject({ type: 'open', url: process.url!.href, remaining: 60_000 });
    await expect(all.run({ name: 'trace', slot: 0 }, context())).rejects.toMatchObject({
      code: 'CONTROL_BUSY',
      message: expect.stringMatching(/is being inspected already/),
    });
    client.abort();
    await eventually(
      () => suspensions.at(-1) === 'resumed',
      3_000,
      () => suspensions.join(),
    );
    expect(process.isOpen).toBe(false);
  });

  it('is in the worker that serves the slot, or in that with the pid', async () => {
    const other = {
      ...worker,
      pid: 4_709,
      isHung: true,
      identify: () => ({ slot: 0, pid: 4_709 }),
    };
    const stack = async (properties: object, pid?: number) =>
      inspections(false, [{ ...other, ...properties }])
        .run({ name: 'trace', slot: 0, ...(pid !== undefined && { pid }) }, context())
        .then(
          result => (result as { pid: number }).pid,
          (error: Error) => error.message,
        );
    process.answer = ({ id }, send) => send({ id, result: { result: { value: [] } } });
    expect(await stack({ serves: false, state: 'draining' })).toBe(process.pid);
    expect(await stack({ serves: true })).toMatch(/^Worker 0 \(pid 4709\) is hung/);
    expect(await stack({ serves: true }, process.pid)).toBe(process.pid);
    expect(await stack({ serves: false }, 4_709)).toMatch(/^Worker 0 \(pid 4709\) is hung/);
    expect(await stack({ state: 'exited' }, 4_709)).toBe('Worker 0 (pid 4709) has exited');
    expect(await stack({ slot: 1 }, 4_709)).toBe('Worker 0 (pid 4709) has exited');
  });

  it('closes the inspector also if the action fails', async () => {
    process.answer = ({ id }, send) => send({ id, error: { message: 'out of order' } });
    await expect(inspections().run({ name: 'trace', slot: 0 }, context())).rejects.toMatchObject({
      code: 'CONTROL_FAILED',
      message: expect.stringMatching(/out of order/),
    });
    expect([process.isOpen, suspensions.at(-1)]).toEqual([false, 'resumed']);
  });

  it.each(['draining', 'exited'])(
    'fails when the worker is %s before it is complete',
    async state => {
      process.answer = () => {
        Object.assign(worker, { state });
        process.exit();
      };
      await expect(inspections().run({ name: 'trace', slot: 0 }, context())).rejects.toMatchObject({
        code: 'CONTROL_NO_WORKER',
        message: `Worker 0 (pid ${process.pid}) has left, for example because it was replaced, before the inspection was complete. Try again with the worker that has its slot now`,
      });
    },
  );

  it.each([
    ['has exited', { state: 'exited' }, 'CONTROL_NO_WORKER', /has no worker at the moment/],
    ['has another slot', { slot: 1 }, 'CONTROL_NO_WORKER', /has no worker/],
    ['is hung', { isHung: true }, 'CONTROL_BUSY', /is killed now/],
    ['is not online', { isOnline: false }, 'CONTROL_BUSY', /has just been forked/],
  ])('is refused for a worker that %s', async (_, properties, code, text) => {
    Object.assign(worker, properties);
    await expect(inspections().run({ name: 'trace', slot: 0 }, context())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(text),
    });
    expect(process.signals).toEqual([]);
  });

  it('is refused while the host is being debugged, and for a relative file', async () => {
    await expect(
      inspections(true).run({ name: 'trace', slot: 0 }, context()),
    ).rejects.toMatchObject({
      code: 'CONTROL_NO_INSPECTOR',
    });
    const file = 'here.heapsnapshot';
    await expect(
      inspections().run({ name: 'heap', slot: 0, file }, context()),
    ).rejects.toMatchObject({
      code: 'CONTROL_INVALID',
      message: expect.stringMatching(/absolute path/),
    });
  });
});

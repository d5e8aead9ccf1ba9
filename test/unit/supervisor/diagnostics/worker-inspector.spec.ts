import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorkerInspector } from '../../../../src/supervisor/diagnostics/worker-inspector.js';
import { OutputSink } from '../../../../src/supervisor/output/output-sink.js';
import { WorkerOutput } from '../../../../src/supervisor/output/worker-output.js';
import { systemClock } from '../../../../src/system/time/clock.js';
import { eventually } from '../../../support/eventually.js';
import { InspectableProcess } from '../../../support/fakes/inspectable-process.js';

const SHORT = 50;
const LONG = 10_000;

let worker: InspectableProcess;
let shown: PassThrough;
let inspector: WorkerInspector;

beforeEach(() => {
  worker = new InspectableProcess();
  shown = new PassThrough();
  const output = new WorkerOutput(worker.stderr, new OutputSink(shown), systemClock);
  output.release();
  inspector = new WorkerInspector(worker, output);
});

afterEach(() => {
  inspector.unwatch();
  worker.exit();
});

const closed = (): Promise<void> =>
  eventually(
    () => !worker.isOpen,
    3_000,
    () => 'It is open.',
  );

describe('the inspector of a worker', () => {
  it('is opened with a signal, and closed', async () => {
    const { session, url } = await inspector.open(LONG);
    expect([worker.signals, url.href]).toEqual([['SIGUSR1'], worker.url!.href]);
    expect(await session.command('Profiler.enable')).toEqual({});
    await inspector.close();
    expect(worker.isOpen).toBe(false);
  });

  it('leaves no line of Node in the output', async () => {
    worker.say('before');
    await inspector.open(LONG);
    worker.say('Debugger attached.');
    worker.say('within');
    await inspector.close();
    inspector.unwatch();
    worker.say('Debugger attached.');
    await eventually(
      () => shown.readableLength > 30,
      3_000,
      () => String(shown.readableLength),
    );
    expect(String(shown.read())).toBe('before\nwithin\nDebugger attached.\n');
  });

  it('is closed when it opens after the timeout, and again when Node opens it again', async () => {
    worker.isDeaf = true;
    await expect(inspector.open(SHORT)).rejects.toMatchObject({ problem: 'silent' });
    await inspector.close();
    await worker.open();
    await closed();
    await worker.open();
    await closed();
    expect(worker.opened).toBe(2);
  });

  it('is closed also if the connection is lost', async () => {
    const { session } = await inspector.open(LONG);
    session.close();
    await session.closed;
    await inspector.close();
    expect(worker.isOpen).toBe(false);
  });

  it('is not looked for where lines of the application say that it is', async () => {
    const other = new InspectableProcess();
    other.toldPid = 1;
    await other.open();
    worker.isDeaf = true;
    const opened = inspector.open(LONG);
    worker.say(`user said: Debugger listening on ${other.url!.href}`);
    worker.say(`Debugger listening on ${other.url!.href}`);
    worker.say('Debugger listening on ws://127.0.0.1:1/x');
    worker.say('Debugger listening on ws://127.0.0.1:99999/x');
    await worker.open();
    expect((await opened).url.href).toBe(worker.url!.href);
    expect(other.isOpen).toBe(true);
    other.exit();
  });

  it('is closed, and not used, if other machines can reach it', async () => {
    worker.line = ({ href }) => `Debugger listening on ${href.replace('127.0.0.1', '0.0.0.0')}`;
    await expect(inspector.open(LONG)).rejects.toMatchObject({ problem: 'public' });
    expect(worker.isOpen).toBe(true);
    await inspector.close();
    expect(worker.isOpen).toBe(false);
  });

  it('names the reason if Node cannot open it', async () => {
    const line = 'Starting inspector on 127.0.0.1:9229 failed: address already in use';
    worker.line = () => line;
    await expect(inspector.open(LONG)).rejects.toMatchObject({ problem: 'refused', message: line });
  });

  it('disconnects from a worker that exits', async () => {
    const { session } = await inspector.open(LONG);
    worker.say('Waiting for the debugger to disconnect...');
    await session.closed;
  });

  it('is not opened in a worker that has exited, or exits', async () => {
    worker.isDeaf = true;
    const opened = inspector.open(LONG);
    worker.exit();
    await expect(opened).rejects.toMatchObject({ problem: 'exited' });
    await inspector.close();
    const again = new WorkerInspector(worker, { filter: () => () => {} });
    await expect(again.open(LONG)).rejects.toMatchObject({ problem: 'exited' });
  });

  it('is not opened if nobody reads what the worker says', async () => {
    const unread = new WorkerInspector(worker, undefined);
    await expect(unread.open(LONG)).rejects.toMatchObject({ problem: 'unread' });
    await unread.close();
    expect(worker.signals).toEqual([]);
  });
});

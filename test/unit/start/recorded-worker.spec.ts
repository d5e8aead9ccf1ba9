import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RecordedWorker } from '../../../src/start/recorded-worker.js';
import { FakeProcess } from '../../support/fake-process.js';

describe('RecordedWorker', () => {
  it('replays in order what happened before its adoption, and then what happens', async () => {
    const fake = new FakeProcess();
    const recorded = new RecordedWorker(fake.worker, message => message === 'report');
    fake.emit('online');
    fake.link.emit('message', 'report');
    fake.link.emit('message', 'first');
    fake.emit('listening', { address: null, port: 80 });
    const seen: unknown[] = [];
    const adopted = recorded.adopt();
    adopted.onOnline(() => seen.push('online'));
    adopted.onListening(({ port }) => seen.push(port));
    adopted.onExit((code, signal) => seen.push([code, signal]));
    adopted.link.on('message', message => seen.push(message));
    expect(seen).toEqual([]);
    // In the same turn, before the replay.
    fake.link.emit('message', 'second');
    await nextTurn();
    fake.emit('exit', 1, null);
    expect(seen).toEqual(['online', 'first', 80, 'second', [1, null]]);
    expect(await recorded.ended).toEqual({ code: 1, signal: null });
  });

  it('hands over its output', async () => {
    const fake = new FakeProcess();
    const recorded = new RecordedWorker(fake.worker);
    fake.stdout.write('before, ');
    await nextTurn();
    const { stdout } = recorded.adopt();
    const all = text(stdout!);
    fake.stdout.end('after');
    expect(await all).toBe('before, after');
  });

  it('hands over the output of a process that has closed it', async () => {
    const fake = new FakeProcess();
    const recorded = new RecordedWorker(fake.worker);
    fake.stdout.end('all');
    await once(fake.stdout, 'end');
    expect(await text(recorded.adopt().stdout!)).toBe('all');
  });

  it('shows its output if nobody adopts it', async () => {
    const fake = new FakeProcess();
    const shown: string[] = [];
    const target = { write: (chunk: Buffer) => shown.push(chunk.toString()) > 0 };
    const recorded = new RecordedWorker(fake.worker, undefined, {
      stdout: target,
      stderr: target,
    } as never);
    fake.stdout.write('held');
    await nextTurn();
    expect(shown).toEqual([]);
    recorded.showOutput();
    fake.stdout.write(' and on');
    await nextTurn();
    expect(shown.join('')).toBe('held and on');
  });

  it('waits for its last output, which may come after its end', async () => {
    const fake = new FakeProcess();
    const recorded = new RecordedWorker(fake.worker);
    let isFinished = false;
    const finished = recorded.finished().then(() => (isFinished = true));
    fake.emit('exit', 0, null);
    await nextTurn();
    expect(isFinished).toBe(false);
    fake.stdout.end('last words');
    await finished;
    expect(await text(recorded.adopt().stdout!)).toBe('last words');
  });

  it('kills the process, and waits for its end', async () => {
    const fake = new FakeProcess();
    const killed = new RecordedWorker(fake.worker).kill();
    fake.emit('exit', null, 'SIGKILL');
    await killed;
    expect(fake.killed).toEqual(['SIGKILL']);
  });
});

import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterRole } from '../../../src/bootstrap/cluster-role.js';
import { handleEarlySignals } from '../../../src/bootstrap/early-signals.js';

/** A process that outlives every signal, as the first of a container does. */
class FakeProcess extends EventEmitter {
  readonly pid = 1;
  readonly killed: string[] = [];

  kill(_pid: number, signal: string): true {
    this.killed.push(`${signal}, ${this.listenerCount(signal)} listeners`);
    return true;
  }
}

let fake: FakeProcess;
let exits: number[];
let release: () => void;

beforeEach(() => {
  fake = new FakeProcess();
  exits = [];
});

function listen(role: ClusterRole): void {
  release = handleEarlySignals({
    process: fake as unknown as NodeJS.Process,
    role: () => role,
    exit: code => exits.push(code),
  });
}

describe('signals between the import and the start', () => {
  it.each<[ClusterRole, string, number]>([
    ['primary', 'SIGTERM', 143],
    ['primary', 'SIGINT', 130],
    ['worker', 'SIGTERM', 143],
    ['single', 'SIGTERM', 143],
    ['single', 'SIGINT', 130],
    ['single', 'SIGHUP', 129],
  ])('end a process as without us, even the first of a container: %s, %s', (role, signal, code) => {
    listen(role);
    fake.emit(signal, signal);
    expect(fake.killed).toEqual([`${signal}, 0 listeners`]);
    expect(exits).toEqual([code]);
  });

  it.each<[ClusterRole, string]>([
    ['primary', 'SIGHUP'],
    ['primary', 'SIGTTIN'],
    ['primary', 'SIGTTOU'],
    ['worker', 'SIGINT'],
    ['worker', 'SIGHUP'],
    ['worker', 'SIGTTIN'],
  ])('change nothing: %s, %s', (role, signal) => {
    listen(role);
    fake.emit(signal, signal);
    expect([fake.killed, exits]).toEqual([[], []]);
    expect(fake.listenerCount(signal)).toBe(1);
  });

  it('stop a single process that is told to, and are listened to when it goes on', () => {
    listen('single');
    fake.emit('SIGTTIN', 'SIGTTIN');
    expect(fake.killed).toEqual(['SIGTTIN, 0 listeners']);
    expect(fake.listenerCount('SIGTTIN')).toBe(1);
    expect(exits).toEqual([]);
  });

  it("are left to the application's own listeners", () => {
    listen('primary');
    fake.on('SIGTERM', () => {});
    fake.emit('SIGTERM', 'SIGTERM');
    expect([fake.killed, exits]).toEqual([[], []]);
  });

  it('are heard by others alone once they are taken over', () => {
    listen('primary');
    release();
    expect(fake.eventNames()).toEqual([]);
  });
});

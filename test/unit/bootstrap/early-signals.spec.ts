import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type EarlyActions,
  earlyActions,
  handleEarlySignals,
  hasOwnListener,
  ignoreCommandsAtStart,
} from '../../../src/bootstrap/early-signals.js';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGTTIN', 'SIGTTOU'] as const;
const doNothing = (): void => {};

const COMMANDS = ['SIGHUP', 'SIGTTIN', 'SIGTTOU'] as const;

let process: EventEmitter;
let exits: number[];

beforeEach(() => {
  process = new EventEmitter();
  exits = [];
});

function deps() {
  return {
    process: process as unknown as NodeJS.Process,
    exit: (code: number) => void exits.push(code),
  };
}

const listen = (actions: EarlyActions): (() => void) => handleEarlySignals(actions, deps());

describe('signals between the import of the package and a start', () => {
  it('are left to the system in a process that may only import it', () => {
    listen(earlyActions({ isWorker: false, pid: 4711 }));
    expect(process.eventNames()).toEqual([]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ])('end the first process of a container, which the kernel would not: %s', (signal, code) => {
    listen(earlyActions({ isWorker: false, pid: 1 }));
    expect(new Set(process.eventNames())).toEqual(new Set(['SIGINT', 'SIGTERM']));
    process.emit(signal, signal);
    expect(exits).toEqual([code]);
  });

  it('are left to the primary in a worker, but for SIGTERM', () => {
    listen(earlyActions({ isWorker: true, pid: 4711 }));
    expect(new Set(process.eventNames())).toEqual(new Set([...COMMANDS, 'SIGINT']));
    SIGNALS.forEach(signal => process.emit(signal, signal));
    expect(exits).toEqual([]);
  });

  it.each(['on', 'once'] as const)(
    "are left to the application's own listeners, added before with %s()",
    how => {
      process[how]('SIGTERM', () => {});
      listen({ SIGTERM: 'exit' });
      process.emit('SIGTERM', 'SIGTERM');
      expect(exits).toEqual([]);
    },
  );

  it('are heard by others alone once they are taken over', () => {
    const release = listen(earlyActions({ isWorker: true, pid: 4711 }));
    release();
    expect(process.eventNames()).toEqual([]);
  });
});

describe('hasOwnListener()', () => {
  const { process: real } = globalThis;

  it('does not count the listeners of this package', () => {
    const release = ignoreCommandsAtStart();
    expect(COMMANDS.filter(hasOwnListener)).toEqual([]);
    real.on('SIGTTIN', doNothing);
    expect(COMMANDS.filter(hasOwnListener)).toEqual(['SIGTTIN']);
    real.off('SIGTTIN', doNothing);
    release();
  });
});

describe('commands to a host whose options are being made', () => {
  it('change nothing, and signals that stop it do so', () => {
    const release = ignoreCommandsAtStart(deps());
    expect(new Set(process.eventNames())).toEqual(new Set(COMMANDS));
    COMMANDS.forEach(signal => process.emit(signal, signal));
    expect(exits).toEqual([]);
    release();
    expect(process.eventNames()).toEqual([]);
  });
});

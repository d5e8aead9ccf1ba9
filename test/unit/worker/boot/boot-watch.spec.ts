import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Logger } from '@nestjs/common';
import { ExceptionsZone } from '@nestjs/core/errors/exceptions-zone.js';
import type { BootFailure } from '../../../../src/ipc/supervision.protocol.js';
import { BootWatch } from '../../../../src/worker/boot/boot-watch.js';

let reported: BootFailure[];
let watch: BootWatch;

beforeEach(() => {
  Logger.overrideLogger(false);
  reported = [];
  watch = new BootWatch(
    () => {},
    failure => reported.push(failure),
  );
});

afterEach(() => watch.end());

/** As Nest does it with the error of a provider, short of ending the process. */
function fail(error: Error): unknown {
  let ended: unknown;
  ExceptionsZone.run(
    () => {
      throw error;
    },
    cause => (ended = cause),
    false,
  );
  return ended;
}

const listenError = (): Error =>
  Object.assign(new Error('listen'), { code: 'EADDRINUSE', syscall: 'listen', port: 3000 });

describe('BootWatch', () => {
  it('hears of the error that Nest is about to end the process for', () => {
    const error = new RangeError('no provider');
    expect(fail(error)).toBe(error);
    expect(reported).toEqual([{ code: 'RangeError', message: 'no provider' }]);
  });

  it('hears that a server cannot listen, and does not handle it', () => {
    const server = new EventEmitter();
    watch.watchServer(server);
    expect(() => server.emit('error', listenError())).toThrow('listen');
    expect(reported).toMatchObject([{ code: 'EADDRINUSE', address: { port: 3000 } }]);
  });

  it('hears of what nobody catches', () => {
    (process as EventEmitter).emit(
      'uncaughtExceptionMonitor',
      new Error('lost'),
      'unhandledRejection',
    );
    expect(reported).toMatchObject([{ message: 'lost' }]);
  });

  it('hears of nothing any more once the worker has booted', () => {
    const server = new EventEmitter();
    watch.watchServer(server);
    watch.end();
    fail(new Error('later'));
    (process as EventEmitter).emit(
      'uncaughtExceptionMonitor',
      new Error('later'),
      'uncaughtException',
    );
    expect(() => server.emit('error', listenError())).toThrow('listen');
    expect(reported).toEqual([]);
    expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(0);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { LogInterceptor } from '../../../../src/nest/logger-calls.js';
import { QuietBoot } from '../../../../src/worker/boot/quiet-boot.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';

let printed: string[];
let interceptor: LogInterceptor | undefined;
let clock: FakeClock;

const quiet = (duration = 1_000): QuietBoot =>
  new QuietBoot(duration, {
    clock,
    intercept: added => {
      interceptor = added;
      return () => void (interceptor = undefined);
    },
  });

function say(level: 'log' | 'warn' | 'error', context: string | undefined, text: string): void {
  const print = (): void => void printed.push(text);
  if (!interceptor?.({ level, context, print })) {
    print();
  }
}

beforeEach(() => {
  printed = [];
  interceptor = undefined;
  clock = new FakeClock();
});

describe('QuietBoot', () => {
  it('forgets what Nest has told of a boot that succeeds, and holds back nobody else', () => {
    const boot = quiet();
    say('log', 'NestFactory', 'starting');
    say('log', 'UsersService', 'connected');
    boot.end();
    say('log', 'InstanceLoader', 'lazy module');
    boot.release();
    expect(printed).toEqual(['connected', 'lazy module']);
  });

  it.each(['warn', 'error'] as const)('prints it before the first: %s', level => {
    quiet();
    say('log', 'NestFactory', 'starting');
    say('log', 'RouterExplorer', 'mapped');
    say(level, 'UsersService', 'something is wrong');
    say('log', 'NestApplication', 'started');
    expect(printed).toEqual(['starting', 'mapped', 'something is wrong', 'started']);
  });

  it('holds back a bounded number of lines', () => {
    const boot = quiet();
    for (let line = 0; line < 5_000; line++) {
      say('log', 'InstanceLoader', 'a context of a job');
    }
    boot.release();
    expect(printed).toHaveLength(1_000);
  });

  it('prints it when the boot fails, once', () => {
    const boot = quiet();
    say('log', 'NestFactory', 'starting');
    boot.release();
    boot.release();
    expect(printed).toEqual(['starting']);
  });

  it('prints it when the boot takes too long', async () => {
    quiet(1_000);
    say('log', 'NestFactory', 'starting');
    await clock.advance(999);
    expect(printed).toEqual([]);
    await clock.advance(1);
    expect(printed).toEqual(['starting']);
  });

  it('forgets it when the worker stands by, whose time does not run', async () => {
    const boot = quiet(1_000);
    say('log', 'NestFactory', 'starting');
    boot.pause();
    await clock.advance(5_000);
    say('log', 'NestApplication', 'listening');
    boot.resume();
    await clock.advance(999);
    expect(printed).toEqual([]);
    await clock.advance(1);
    expect(printed).toEqual(['listening']);
  });

  it('holds back nothing in the worker whose boot is logged', () => {
    quiet(0);
    say('log', 'NestFactory', 'starting');
    expect(printed).toEqual(['starting']);
  });
});

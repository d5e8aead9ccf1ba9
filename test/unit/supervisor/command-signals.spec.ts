import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  type Commandable,
  listenToCommandSignals,
} from '../../../src/supervisor/command-signals.js';

function listen(isHangup: () => boolean): [EventEmitter, string[]] {
  const source = new EventEmitter();
  const commands: string[] = [];
  const target: Commandable = {
    reload: () => commands.push('reload'),
    scaleBy: workers => commands.push(`scale by ${workers}`),
    stop: (signal, why) => commands.push(`stop for ${signal}: ${why}`),
  };
  listenToCommandSignals(target, isHangup, source as unknown as NodeJS.Process);
  return [source, commands];
}

describe('listenToCommandSignals()', () => {
  it('reloads and scales', () => {
    const [source, commands] = listen(() => false);
    ['SIGHUP', 'SIGTTIN', 'SIGTTOU'].forEach(signal => source.emit(signal, signal));
    expect(commands).toEqual(['reload', 'scale by 1', 'scale by -1']);
  });

  it('stops, and says why, when the terminal is closed', () => {
    const [source, commands] = listen(() => true);
    source.emit('SIGHUP', 'SIGHUP');
    expect(commands).toEqual([
      'stop for SIGHUP: SIGHUP, because the terminal of the host was closed',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { execObstacles, type ExecFacts } from '../../../src/start/exec-obstacles.js';

const IDLE: ExecFacts = {
  main: '/srv/dist/main.js',
  isReplaced: false,
  resources: ['PipeWrap', 'TTYWrap'],
  outputs: 2,
  isWritten: true,
  isOutputPatched: false,
  listenedTo: [],
  hasSubscribers: false,
  usesCluster: false,
  hasOwnCompileCache: false,
  hasChannel: false,
  isInspected: false,
  env: {},
};

describe('execObstacles()', () => {
  it('finds none if nothing but the output is active', () => {
    expect(execObstacles(IDLE)).toEqual([]);
  });

  it.each<[Partial<ExecFacts>, string]>([
    [
      { resources: ['PipeWrap', 'PipeWrap', 'TCPSocketWrap', 'Timeout', 'Timeout'], outputs: 1 },
      'it has active resources: TCPSocketWrap, Timeout, PipeWrap',
    ],
    [{ main: undefined }, 'it was not started with a file'],
    [{ main: '-' }, 'it was not started with a file'],
    [
      { isReplaced: true },
      'its program has replaced another one, and has loaded the application again',
    ],
    [{ isOutputPatched: true }, 'the application has replaced write() of its output'],
    [{ usesCluster: true }, 'it has settings, listeners or workers of node:cluster'],
    [{ hasOwnCompileCache: true }, 'the application has its own compile cache'],
    [{ isWritten: false }, 'its output is not written yet'],
    [
      { listenedTo: ['exit', 'SIGUSR2'] },
      'the application listens to process events: exit, SIGUSR2',
    ],
    [{ hasSubscribers: true }, 'the application listens to the events of the host'],
    [{ hasChannel: true }, 'its parent has an IPC channel to it'],
    [{ isInspected: true }, 'it is inspected'],
    [{ env: { SECRETS: 'x'.repeat(2 ** 17) } }, 'its environment is too large'],
    [{ env: { LISTEN_FDS: '2' } }, 'it has received sockets (LISTEN_FDS)'],
  ])('names what would be lost: %j', (change, obstacle) => {
    expect(execObstacles({ ...IDLE, ...change })).toEqual([obstacle]);
  });
});

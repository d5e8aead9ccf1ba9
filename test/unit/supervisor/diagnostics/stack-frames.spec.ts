import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  CAPTURE_FRAMES,
  type Frame,
  formatFrames,
  FRAMES,
} from '../../../../src/supervisor/diagnostics/stack-frames.js';
import { SourcePositions } from '../../../../src/supervisor/diagnostics/source-positions.js';

function frame(name: string, url: string | null = 'file:///app/main.js'): Frame {
  return url === null
    ? { text: `${name} (<anonymous>)`, url, line: null, column: null }
    : { text: `${name} (${url}:1:2)`, url, line: 1, column: 2 };
}

const names = async (...frames: Frame[]): Promise<string[] | undefined> =>
  (await formatFrames(frames, new SourcePositions()))
    ?.split('\n')
    .map(line => line.replace(/^ {4}at (\S+) .*$/, '$1'));

describe('the frames of a blocked stack', () => {
  it('are those under the question, and the question changes nothing', () => {
    const before = { ...Error };
    const frames = runInThisContext(CAPTURE_FRAMES) as Frame[];
    expect({ ...Error }).toEqual(before);
    expect(frames[0]?.text).toMatch(/runInThisContext \(node:vm:/);
  });

  it('end with the outermost that is not of Node', async () => {
    expect(
      await names(
        frame('readSync', 'node:fs'),
        frame('read'),
        frame('emit', 'node:events'),
        frame('tick'),
        frame('listOnTimeout', 'node:internal/timers'),
        frame('processTimers', 'node:internal/timers'),
      ),
    ).toEqual(['readSync', 'read', 'emit', 'tick']);
  });

  it('begin under what only tells of the inspector', async () => {
    expect(
      await names(
        frame('onInternalMessage', 'node:internal/cluster/utils'),
        frame('process.emit', 'node:events'),
        frame('RegExp.test', null),
        frame('isWord'),
        frame('process.emit', 'node:events'),
        frame('main'),
      ),
    ).toEqual(['RegExp.test', 'isWord', 'process.emit', 'main']);
  });

  it('are one line each, whatever a function is called', async () => {
    const forged = frame('f\n[Nest] forged\u001b[2J');
    expect(await formatFrames([forged], new SourcePositions())).toBe(
      '    at f\\n[Nest] forged\\x1b[2J (file:///app/main.js:1:2)',
    );
  });

  it.each([[null], [{}], [[null]], [[{ text: 1, url: null, line: null, column: null }]]])(
    'are not %j',
    answer => {
      expect(FRAMES(answer)).toBeDefined();
    },
  );

  it('are none where only Node is at work', async () => {
    expect(await names(frame('listOnTimeout', 'node:internal/timers'))).toBeUndefined();
    expect(await names()).toBeUndefined();
  });
});

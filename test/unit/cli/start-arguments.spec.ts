import { describe, expect, it } from 'vitest';
import { parseStartArguments } from '../../../src/cli/start-arguments.js';
import { UsageError } from '../../../src/cli/usage.error.js';

describe('parseStartArguments()', () => {
  it.each([
    [['dist/main.js'], { main: 'dist/main.js', args: [], workers: undefined }],
    [
      ['--workers', '4', 'dist/main.js', '--', '--port', '80'],
      { main: 'dist/main.js', args: ['--port', '80'], workers: '4' },
    ],
    [
      ['-w', '4', 'main.js', '--workers', '9'],
      { main: 'main.js', args: ['--workers', '9'], workers: '4' },
    ],
    [['--workers=auto', '--', 'main.js', '--'], { main: 'main.js', args: [], workers: 'auto' }],
  ])('%j', (argv, expected) => {
    expect(parseStartArguments(argv)).toEqual(expected);
  });

  it.each([
    ['x', 'x'],
    ['-1', '-1'],
    ['1.5', '1.5'],
    ['', ''],
    ['4 ', '4 '],
    ['1025', '1025'],
    ['\u001b[2J', '\\x1b[2J'],
  ])('names the number of workers that it refuses: %j', (workers, shown) => {
    const message = `--workers must be 'auto' or a whole number from 0 to 1024, but got "${shown}".`;
    expect(() => parseStartArguments([`--workers=${workers}`, 'main.js'])).toThrow(
      new UsageError(message),
    );
  });

  it.each(['0', '1024', 'auto'])('takes %s workers', workers => {
    expect(parseStartArguments(['-w', workers, 'main.js'])).toMatchObject({ workers });
  });

  it.each([[[]], [['--workers', '4']], [['--wrokers', '4', 'main.js']], [['--workers']]])(
    'refuses %j',
    argv => {
      expect(() => parseStartArguments(argv)).toThrow(UsageError);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
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

  it.each([[[]], [['--workers', '4']], [['--wrokers', '4', 'main.js']], [['--workers']]])(
    'refuses %j',
    argv => {
      expect(() => parseStartArguments(argv)).toThrow(UsageError);
    },
  );
});

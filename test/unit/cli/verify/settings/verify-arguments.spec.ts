import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../../../../src/cli/verify/settings/verify-arguments.js';
import { describeFlags, FLAGS } from '../../../../../src/cli/verify/settings/flags.js';
import { UsageError } from '../../../../../src/cli/usage.error.js';

describe('the arguments of nestjs-cluster-verify', () => {
  it('need nothing but a command', () => {
    expect(parseArguments(['--', 'node', 'dist/main.js', '--port', '3000'])).toEqual({
      command: ['node', 'dist/main.js', '--port', '3000'],
      path: '/',
      keepAlive: 32,
      oneShot: 32,
      pause: 20,
      uploads: 4,
      uploadType: 'application/json',
      sse: 8,
      webSockets: 8,
      reloads: 20,
      replacements: 0,
      kills: 0,
      requests: 10_000,
      rest: 500,
      patience: 20_000,
      bootTimeout: 60_000,
      reloadTimeout: 120_000,
      json: false,
      verbose: false,
    });
  });

  it('say what to ask for, and how often to disturb', () => {
    const args = ['--url', 'https://localhost:8443', '--path=/health', '--sse-path', '/events'];
    const more = ['--kills', '3', '--reloads=0', '--json', '--verbose'];
    expect(parseArguments([...args, ...more, '--', 'npm', 'start'])).toMatchObject({
      command: ['npm', 'start'],
      url: new URL('https://localhost:8443'),
      path: '/health',
      ssePath: '/events',
      kills: 3,
      reloads: 0,
      json: true,
      verbose: true,
    });
  });

  it('may ask for help, which tells about each of them', () => {
    expect(parseArguments(['--help'])).toBeUndefined();
    const help = describeFlags().join('\n');
    Object.keys(FLAGS).forEach(name => expect(help).toContain(`--${name}`));
  });

  it.each([
    [['--reloads', '3'], 'no command'],
    [['node', 'dist/main.js'], "Unexpected argument 'node'"],
    [['--relods', '3', '--', 'node'], "Unknown option '--relods'"],
    [['--reloads', 'many', '--', 'node'], '--reloads must be a whole number'],
    [['--reloads=-1', '--', 'node'], '--reloads must be a whole number'],
    [['--url', 'localhost:3000', '--', 'node'], '--url must be an http: or https: URL'],
    [['--keep-alive', '0', '--one-shot', '0', '--', 'node'], 'At least one client'],
  ])('are refused where they make no sense: %j', (args, why) => {
    expect(() => parseArguments(args)).toThrow(UsageError);
    expect(() => parseArguments(args)).toThrow(why);
  });
});

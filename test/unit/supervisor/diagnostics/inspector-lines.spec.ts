import { describe, expect, it } from 'vitest';
import { inspectorLine } from '../../../../src/supervisor/diagnostics/inspector-lines.js';

describe('a line about the inspector', () => {
  it.each([
    ['ws://127.0.0.1:9229/0a1b', 'ws://127.0.0.1:9229/0a1b', true],
    ['ws://[::1]:9229/0a1b', 'ws://[::1]:9229/0a1b', true],
    ['ws://0.0.0.0:9229/0a1b', 'ws://127.0.0.1:9229/0a1b', false],
    ['ws://[::]:9229/0a1b', 'ws://[::1]:9229/0a1b', false],
  ])('has the address %s', (told, url, isLoopback) => {
    const line = inspectorLine(`Debugger listening on ${told}`);
    expect(line).toEqual({ type: 'listening', url: new URL(url), isLoopback });
  });

  it.each([
    'Debugger listening on ws://127.0.0.1:99999/x',
    'Debugger listening on ws://198.51.100.7:80/x',
    'Debugger listening on ws://internal.example/x',
    'Debugger attached.',
    'For help, see: https://nodejs.org/en/docs/inspector',
  ])('has none: %s', line => {
    expect(inspectorLine(line)).toEqual({ type: 'other' });
  });

  it('tells that the inspector could not be opened, or delays the exit', () => {
    const line = 'Starting inspector on 127.0.0.1:9229 failed: address already in use';
    expect(inspectorLine(line)).toEqual({ type: 'failed', line });
    expect(inspectorLine('Waiting for the debugger to disconnect...')).toEqual({ type: 'exiting' });
  });

  it('is not one of the application', () => {
    expect(inspectorLine('user said: Debugger listening on ws://127.0.0.1:1/x')).toBeUndefined();
    expect(inspectorLine('')).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  bootFailureIn,
  hopelessReason,
} from '../../../../src/supervisor/policies/hopeless-boot.js';
import { primaryMessages } from '../../../../src/supervisor/supervisor.messages.js';
import { bootFailure } from '../../../../src/worker/boot/boot-failure.js';

function systemError(fields: object, message = 'listen'): Error {
  return Object.assign(new Error(message), fields);
}

class UnknownDependenciesException extends Error {}

/** As V8 and Node make it for a module. */
function syntaxErrorAt(frame: string): SyntaxError {
  const error = new SyntaxError('Unexpected token');
  error.stack = `file:///app/main.js:1\nconst = 1\n      ^\n\nSyntaxError: Unexpected token\n    at ${frame}`;
  return error;
}

describe('a failure to boot', () => {
  it.each<[string, unknown, string | undefined]>([
    ['a port in use', systemError({ code: 'EADDRINUSE', syscall: 'listen' }), 'port-in-use'],
    ['a privileged port', systemError({ code: 'EACCES', syscall: 'bind' }), 'permission'],
    ['a file that may not be read', systemError({ code: 'EACCES', syscall: 'open' }), 'permission'],
    ['a wrong option', systemError({ code: 'CLUSTER_CONFIG' }), 'configuration'],
    ['a missing package', systemError({ code: 'ERR_MODULE_NOT_FOUND' }), 'missing-module'],
    ['a missing file', systemError({ code: 'MODULE_NOT_FOUND' }), 'missing-module'],
    ['a provider that Nest cannot make', new UnknownDependenciesException('?'), 'providers'],
    [
      'a module with a syntax error',
      syntaxErrorAt('compileSourceTextModule (node:internal/modules/esm/utils:344:16)'),
      'syntax',
    ],
    ['data with a syntax error', syntaxErrorAt('JSON.parse (<anonymous>)'), undefined],
    [
      'a database that is not up',
      systemError({ code: 'ECONNREFUSED', syscall: 'connect' }),
      undefined,
    ],
    ['an error of the application', new Error('the vault is sealed'), undefined],
    ['a code that every object has', systemError({ code: 'toString' }), undefined],
    ['nothing', undefined, undefined],
    ['a text', 'no', undefined],
    ['a null', null, undefined],
  ])('for %s', (_, error, reason) => {
    expect(hopelessReason(bootFailure(error))).toBe(reason);
  });

  it('is told in a line of bounded length', () => {
    const { code, message } = bootFailure(
      systemError({ code: 'X'.repeat(1_000) }, `first\n${'y'.repeat(1_000)}`),
    );
    expect([code.length, message]).toEqual([60, 'first']);
    expect(bootFailure(new Error('y'.repeat(1_000))).message).toHaveLength(500);
  });

  it.each([
    [
      { address: null, port: 3000 },
      { address: null, port: 3000 },
    ],
    [
      { address: '::1', port: 3000 },
      { address: '::1', port: 3000 },
    ],
    [
      { address: '/run/app.sock', port: -1 },
      { address: '/run/app.sock', port: null },
    ],
    [{ address: '/run/app.sock' }, { address: '/run/app.sock', port: null }],
  ])('of a server at %j is at %j', (fields, address) => {
    const error = systemError({ code: 'EADDRINUSE', syscall: 'bind', ...fields });
    expect(bootFailure(error).address).toEqual(address);
  });
});

describe('what a worker has said of its end', () => {
  it.each<[string, string | undefined, object | undefined]>([
    [
      'Error: bind EADDRINUSE null:3000\n    at listenOnPrimaryHandle (node:net:1969:18)\n  errno: -98,\n}\n\nNode.js v20\n',
      'port-in-use',
      { address: null, port: 3000 },
    ],
    [
      'Error: listen EADDRINUSE: address already in use :::3000\n',
      'port-in-use',
      { address: '::', port: 3000 },
    ],
    [
      'Error: listen EADDRINUSE: address already in use /run/app.sock\n',
      'port-in-use',
      { address: '/run/app.sock', port: null },
    ],
    [
      'Error: listen EACCES: permission denied 0.0.0.0:80\n',
      'permission',
      { address: '0.0.0.0', port: 80 },
    ],
    [
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x' imported from /app/main.js\n",
      'missing-module',
      undefined,
    ],
    [
      "Error: Cannot find module './x'\nRequire stack:\n- /app/main.js\n    at x (node:internal:1:1) {\n  code: 'MODULE_NOT_FOUND',\n}\n",
      'missing-module',
      undefined,
    ],
    [
      'file:///app/main.js:1\nconst = 1\n      ^\n\nSyntaxError: Unexpected token\n    at compileSourceTextModule (node:internal/modules/esm/utils:344:16)\n',
      'syntax',
      undefined,
    ],
    [
      'SyntaxError: Unexpected token < in JSON\n    at JSON.parse (<anonymous>)\n',
      undefined,
      undefined,
    ],
    [
      "\u001b[31m[Nest] 7  - 11/28/2026   ERROR [ExceptionHandler] UnknownDependenciesException [Error]: Nest can't resolve dependencies of the A (?).\u001b[39m\n    at x\n",
      'providers',
      undefined,
    ],
    [
      '[Nest] 7  - 11/28/2026   ERROR [PackageLoader] The "@nestjs/microservices" package is missing. Please, make sure to install it.\n',
      'missing-module',
      undefined,
    ],
    ['Error: the database is not there\n    at x\n', undefined, undefined],
    [
      'EADDRINUSE on the first try, trying another port\nError: no database\n',
      undefined,
      undefined,
    ],
    ['', undefined, undefined],
  ])('%j', (output, reason, address) => {
    const failure = bootFailureIn(output);
    expect(failure && hopelessReason(failure)).toBe(reason);
    expect(failure?.address).toEqual(address);
  });
});

describe('the last line of a host that cannot start', () => {
  it.each([
    [
      { code: 'EADDRINUSE', message: '', address: { address: null, port: 3000 } },
      'Port 3000 is in use (EADDRINUSE): another process listens there',
    ],
    [
      { code: 'EADDRINUSE', message: '', address: { address: '/run/app.sock', port: null } },
      'The Unix socket /run/app.sock is in use (EADDRINUSE)',
    ],
    [
      { code: 'EACCES', message: '', address: { address: '0.0.0.0', port: 80 } },
      'Port 80 may not be listened on by this user (EACCES)',
    ],
    [
      { code: 'ERR_MODULE_NOT_FOUND', message: "Cannot find package 'x'." },
      "The application cannot start (missing module): Cannot find package 'x'. No worker was ever ready",
    ],
  ])('of %j is: %s', (failure, text) => {
    const line = primaryMessages.hopeless(hopelessReason(failure)!, failure);
    expect(line).toContain(text);
    expect(line).not.toContain('\n');
  });
});

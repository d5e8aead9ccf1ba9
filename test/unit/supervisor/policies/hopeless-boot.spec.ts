import { describe, expect, it } from 'vitest';
import {
  bootFailureIn,
  hopelessReason,
} from '../../../../src/supervisor/policies/hopeless-boot.js';
import { supervisorMessages } from '../../../../src/supervisor/supervisor.messages.js';
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

/** As Node prints an error that nobody has caught. */
function uncaught(error: string): string {
  return `node:events:502\n      throw er; // Unhandled 'error' event\n      ^\n\n${error}\n\nNode.js v20.20.2\n`;
}

const nest = '\u001b[31m[Nest] 7  - \u001b[39m11/28/2026, 7:53:14 AM \u001b[31m  ERROR\u001b[39m';

describe('what a worker has said of its end', () => {
  it.each<[string, string | undefined, object | undefined]>([
    [
      uncaught(
        "Error: bind EADDRINUSE null:3000\n    at listenOnPrimaryHandle (node:net:1969:18) {\n  errno: -98,\n  code: 'EADDRINUSE'\n}",
      ),
      'port-in-use',
      { address: null, port: 3000 },
    ],
    [
      uncaught(
        "Error: listen EADDRINUSE: address already in use :::3000\n    at x {\n  code: 'EADDRINUSE'\n}",
      ),
      'port-in-use',
      { address: '::', port: 3000 },
    ],
    [
      uncaught(
        "Error: listen EADDRINUSE: address already in use /run/app.sock\n    at x {\n  code: 'EADDRINUSE'\n}",
      ),
      'port-in-use',
      { address: '/run/app.sock', port: null },
    ],
    [
      uncaught(
        "Error: listen EACCES: permission denied 0.0.0.0:80\n    at x {\n  code: 'EACCES'\n}",
      ),
      'permission',
      { address: '0.0.0.0', port: 80 },
    ],
    [
      uncaught(
        "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x' imported from /app/main.js\n    at y {\n  code: 'ERR_MODULE_NOT_FOUND'\n}",
      ),
      'missing-module',
      undefined,
    ],
    [
      uncaught(
        "Error: Cannot find module './x'\nRequire stack:\n- /app/main.js\n    at x (node:internal:1:1) {\n  code: 'MODULE_NOT_FOUND',\n}",
      ),
      'missing-module',
      undefined,
    ],
    [
      'file:///app/main.js:1\nconst = 1\n      ^\n\nSyntaxError: Unexpected token\n    at compileSourceTextModule (node:internal/modules/esm/utils:344:16)\n\nNode.js v24.1.0\n',
      'syntax',
      undefined,
    ],
    [
      `/app/main.js:1\n;;const = 1\n${' '.repeat(30)}\n\nSyntaxError: Unexpected token\n    at wrapSafe (node:internal/modules/cjs/loader:1464:18)\n\nNode.js v20.20.2\n`,
      'syntax',
      undefined,
    ],
    [
      'node:internal/modules/run_main:123\n    triggerUncaughtException(\n    ^\n\nfile:///app/a.ts:1\nenum X {}\n^^^^^^^^^\nimport y;\n\nSyntaxError [ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX]: TypeScript enum is not supported\n    at parseTypeScript (node:internal/modules/typescript:63:40)\n\nNode.js v22.23.3\n',
      'module-format',
      undefined,
    ],
    [
      uncaught(
        'SyntaxError: Unexpected token < in JSON\n    at JSON.parse (<anonymous>)\n    at Module._compile (node:internal/modules/cjs/loader:1521:14)',
      ),
      undefined,
      undefined,
    ],
    [
      uncaught(
        "Error: no cache\n    at x {\n  [cause]: Error: no\n      at y {\n    code: 'EACCES'\n  }\n}",
      ),
      undefined,
      undefined,
    ],
    [uncaught('Error: no database, after EADDRINUSE\n    at x'), undefined, undefined],
    [
      `${nest} [ExceptionHandler] UnknownDependenciesException [Error]: Nest can't resolve dependencies of the A (?).\n\nPotential solutions:\n- Is X a provider?\n    at x\n`,
      'providers',
      undefined,
    ],
    [
      "[Shop] 7  - 11/28/2026   ERROR [ExceptionHandler] Error: listen EACCES: permission denied 0.0.0.0:80\n    at x {\n  code: 'EACCES'\n} +1ms\n",
      'permission',
      { address: '0.0.0.0', port: 80 },
    ],
    [
      `${nest} [PackageLoader] The "@nestjs/microservices" package is missing. Please, make sure to install it.\n`,
      'missing-module',
      undefined,
    ],
    [uncaught('Error: the database is not there\n    at x'), undefined, undefined],
    ['', undefined, undefined],
  ])('%j', (output, reason, address) => {
    const failure = bootFailureIn(output);
    expect(failure && hopelessReason(failure)).toBe(reason);
    expect(failure?.address).toEqual(address);
  });

  const handled = [
    "Error: listen EADDRINUSE: address already in use :::3000\n    at x {\n  code: 'EADDRINUSE'\n}\n",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'\n    at y {\n  code: 'ERR_MODULE_NOT_FOUND'\n}\n",
    `${nest} [Plugins] Error: Cannot find module 'x'\n    at x {\n  code: 'MODULE_NOT_FOUND'\n}\n`,
    'EADDRINUSE on the first try, trying another port\n',
  ];

  it.each(handled)('is not what the application has logged and handled: %j', text => {
    const fatal = `${nest} [ExceptionHandler] Error: the database is not there\n    at x\n`;
    const unknown = `${nest} [ExceptionHandler] UnknownDependenciesException [Error]: no\n    at x\n`;
    for (const output of [
      text,
      text + uncaught('Error: the database is not there\n    at x'),
      text + uncaught('text'),
      text + fatal,
      `${unknown}${nest} [Main] trying with less\n`,
    ]) {
      expect(bootFailureIn(output)).toBeUndefined();
    }
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
      'Port 80 cannot be opened by this user (EACCES)',
    ],
    [
      { code: 'ERR_MODULE_NOT_FOUND', message: "Cannot find package 'x'." },
      "The application cannot start (missing module): Cannot find package 'x'. No worker was ever ready",
    ],
  ])('of %j is: %s', (failure, text) => {
    const line = supervisorMessages.hopeless(hopelessReason(failure)!, failure);
    expect(line).toContain(text);
    expect(line).not.toContain('\n');
  });
});

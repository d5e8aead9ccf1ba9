/**
 * `npm run test:matrix`: the end-to-end tests that depend on Nest, with applications on Nest 11. Arguments are those
 * of Jest. Files among them replace the list.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SPECS = [
  ...[
    'cli',
    'cqrs',
    'crash',
    'dashboard',
    'doctor',
    'drain',
    'event-emitter',
    'faults',
    'graphql',
    'health',
    'ipc',
    'kinds',
    'long-lived',
    'many-connections',
    'messages',
    'metrics',
    'nest-11',
    'once',
    'orphan',
    'output',
    'packages',
    'queues',
    'reload',
    'schedule',
    'servers',
    'socket-io',
    'socket-io-recovery',
    'start',
    'stop',
    'systemd',
    'unix-socket',
    'upkeep',
    'verify',
    'ws',
  ].map(name => `test/e2e/${name}.spec.ts`),
  // Nest finds the decorated handlers.
  'test/contract/cluster-bus-memory.spec.ts',
];

const given = process.argv.slice(2);
const files = given.some(argument => argument.endsWith('.spec.ts')) ? [] : SPECS;
const jest = spawn(
  process.execPath,
  [fileURLToPath(new URL('jest.mjs', import.meta.url)), ...files, ...given],
  { env: { TEST_NEST: '11', ...process.env }, stdio: 'inherit' },
);
jest.on('exit', code => (process.exitCode = code ?? 1));

/**
 * `npm run test:matrix`: the end-to-end tests that depend on Nest, with applications on Nest 11. Arguments are those
 * of Vitest. Files among them replace the list.
 */
import { runVitest } from './run-vitest.mjs';

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
runVitest(['--project', 'e2e', ...files, ...given], { TEST_NEST: process.env.TEST_NEST ?? '11' });

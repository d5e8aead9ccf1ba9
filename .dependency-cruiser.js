/**
 * Which directory of `src` may import which. Imports point down in `LAYERS`: those of one layer do not import each
 * other. `import()` and `import type` count like every other import.
 */
export const LAYERS = [
  ['cli'],
  ['index'],
  ['cluster.module'],
  ['application'],
  [
    'health',
    'metrics',
    'cache',
    'cqrs',
    'dashboard',
    'event-emitter',
    'graphql',
    'schedule',
    'session',
    'socket.io',
    'ws',
    'throttler',
  ],
  ['cluster.service', 'once'],
  ['start'],
  ['supervisor', 'worker', 'single'],
  ['services'],
  ['fleet', 'overview'],
  ['bus', 'session-forwarding', 'doctor', 'telemetry', 'control'],
  ['state'],
  ['runtime'],
  ['drain', 'bootstrap'],
  ['config'],
  ['redis', 'nest', 'ipc', 'systemd'],
  ['model'],
  ['validation'],
  ['system'],
];

/** The modules of one entry of a layer: a directory, or a file of `src` itself. */
const pathOf = name => `^src/${name.replace('.', '\\.')}(/|\\.ts$)`;

const layers = LAYERS.slice(1).flatMap((layer, place) => {
  const above = LAYERS.slice(0, place + 1).flat();
  return layer.map(name => ({
    name: `${name}-imports-down`,
    comment: 'Imports point from an upper layer to a lower one: see docs/architecture.md.',
    severity: 'error',
    from: { path: pathOf(name) },
    to: { path: [...above, ...layer.filter(other => other !== name)].map(pathOf) },
  }));
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layers,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'known-layer',
      comment: 'A new directory needs its place in LAYERS.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/', pathNot: LAYERS.flat().map(pathOf) },
    },
    {
      name: 'primary-without-application',
      comment:
        'A service of the primary does not import what runs in the process of the application.',
      severity: 'error',
      from: { path: '^src/[^/]+/primary/' },
      to: {
        path: '^src/(runtime|worker|drain|nest|[^/]+/(client|objects|subscribe|publish|request|decorators))/',
      },
    },
    {
      name: 'no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts|sample-app)/' },
    },
    {
      name: 'declared-packages',
      comment: 'Only peer dependencies, and what Node brings.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        dependencyTypesNot: ['npm-peer'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};

import { describe, expect, it } from 'vitest';
import { ClusterConfigError } from '../../../src/index.js';
import type { ClusterModuleOptions } from '../../../src/index.js';
import { DOCTOR_CHECKS } from '../../../src/config/doctor-checks.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';

function errorOf(options: unknown, env: NodeJS.ProcessEnv = {}): ClusterConfigError {
  try {
    resolveOptions(options as ClusterModuleOptions, env);
  } catch (error) {
    if (error instanceof ClusterConfigError) {
      return error;
    }
    throw error;
  }
  throw new Error('No error was thrown.');
}

function recycleMemory(maxMemory: number | string): unknown {
  return resolveOptions({ recycle: { maxMemory } }, {}).recycle.maxMemory;
}

describe('resolveOptions()', () => {
  it('has a default for everything', () => {
    const { workers, ...others } = resolveOptions({}, {}, () => undefined);
    expect(workers).toBeGreaterThanOrEqual(1);
    expect(others).toEqual({
      contexts: 'single',
      lightPrimary: false,
      scheduling: 'round-robin',
      boot: { timeout: 60_000 },
      restart: { initialDelay: 100, maxDelay: 30_000, giveUpAfter: 5, redeliver: true },
      reload: { maxSurge: 1, soak: 0 },
      heartbeat: { interval: 1_000, timeout: 30_000 },
      recycle: { maxMemory: 0, maxRequests: 0, maxAge: 0, jitter: 0.1 },
      overload: { maxDelay: 0 },
      spare: 0,
      shutdown: { timeout: 25_000, readinessDelay: 0, webSocketWindow: 1_000 },
      redis: null,
      namespace: 'nestjs-cluster',
      namespaceOrigin: undefined,
      release: '',
      state: { timeout: 2_000, replicas: 0, maxValueBytes: 1_048_576, maxMemory: { share: 0.5 } },
      bus: {
        timeout: 2_000,
        askTimeout: 5_000,
        maxPayloadBytes: 1_048_576,
        maxQueueBytes: 16_777_216,
      },
      logger: null,
      doctor: DOCTOR_CHECKS,
      control: true,
      events: {},
    });
  });

  it('takes CLUSTER_WORKERS=0 whatever is written in the code, and no other value', () => {
    expect(resolveOptions({ workers: 4 }, { CLUSTER_WORKERS: ' 0 ' }).workers).toBe(0);
    expect(resolveOptions({ workers: 'auto' }, { CLUSTER_WORKERS: '0' }).workers).toBe(0);
    expect(resolveOptions({ workers: 4 }, { CLUSTER_WORKERS: '2' }).workers).toBe(4);
    expect(errorOf({ workers: -1 }, { CLUSTER_WORKERS: '0' }).option).toBe('workers');
  });

  it('takes the environment where nothing is written in the code', () => {
    const env = {
      CLUSTER_WORKERS: ' 3 ',
      CLUSTER_CONTEXTS: 'cluster',
      CLUSTER_LIGHT_PRIMARY: 'true',
      CLUSTER_SCHEDULING: 'shared',
      CLUSTER_LOGGER: 'json',
      CLUSTER_DOCTOR: 'false',
      CLUSTER_BOOT_TIMEOUT: '1000',
      CLUSTER_RESTART_INITIAL_DELAY: '1',
      CLUSTER_RESTART_MAX_DELAY: '2',
      CLUSTER_RESTART_GIVE_UP_AFTER: '3',
      CLUSTER_RESTART_REDELIVER: 'false',
      CLUSTER_RELOAD_MAX_SURGE: '4',
      CLUSTER_RELOAD_SOAK: '500',
      CLUSTER_HEARTBEAT_INTERVAL: '200',
      CLUSTER_HEARTBEAT_TIMEOUT: '900',
      CLUSTER_RECYCLE_MAX_MEMORY: '1048576',
      CLUSTER_RECYCLE_MAX_REQUESTS: '1000',
      CLUSTER_RECYCLE_MAX_AGE: '60000',
      CLUSTER_RECYCLE_JITTER: '0.5',
      CLUSTER_OVERLOAD_MAX_DELAY: '150',
      CLUSTER_SPARE: '2',
      CLUSTER_SHUTDOWN_TIMEOUT: '4000',
      CLUSTER_SHUTDOWN_READINESS_DELAY: '5',
      CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW: '7',
      CLUSTER_REDIS_URL: 'rediss://redis.example:6380',
      CLUSTER_NAMESPACE: '1.10',
      CLUSTER_STATE_TIMEOUT: '100',
      CLUSTER_RELEASE: '7f3a',
      CLUSTER_STATE_REPLICAS: '1',
      CLUSTER_STATE_MAX_VALUE_BYTES: '64kb',
      CLUSTER_STATE_MAX_MEMORY: '512mb',
      CLUSTER_BUS_TIMEOUT: '300',
      CLUSTER_BUS_ASK_TIMEOUT: '400',
      CLUSTER_BUS_MAX_PAYLOAD_BYTES: '2kb',
      CLUSTER_CONTROL: '/run/shop',
      CLUSTER_BUS_MAX_QUEUE_BYTES: '4096',
    };
    expect(resolveOptions({ workers: 2, shutdown: { timeout: 900 } }, env)).toEqual({
      workers: 2,
      contexts: 'cluster',
      lightPrimary: true,
      scheduling: 'shared',
      boot: { timeout: 1000 },
      restart: { initialDelay: 1, maxDelay: 2, giveUpAfter: 3, redeliver: false },
      reload: { maxSurge: 4, soak: 500 },
      heartbeat: { interval: 200, timeout: 900 },
      recycle: { maxMemory: 1_048_576, maxRequests: 1_000, maxAge: 60_000, jitter: 0.5 },
      overload: { maxDelay: 150 },
      spare: 2,
      shutdown: { timeout: 900, readinessDelay: 5, webSocketWindow: 7 },
      redis: 'rediss://redis.example:6380',
      namespace: '1.10',
      namespaceOrigin: 'CLUSTER_NAMESPACE',
      release: '7f3a',
      state: { timeout: 100, replicas: 1, maxValueBytes: 65_536, maxMemory: 512 * 1024 * 1024 },
      bus: { timeout: 300, askTimeout: 400, maxPayloadBytes: 2_048, maxQueueBytes: 4_096 },
      logger: 'json',
      doctor: [],
      control: '/run/shop',
      events: {},
    });
  });

  it('takes an empty variable and an undefined option as not given', () => {
    const options = { workers: undefined } as unknown as ClusterModuleOptions;
    expect(resolveOptions(options, { CLUSTER_WORKERS: '1', CLUSTER_SCHEDULING: '' })).toMatchObject(
      {
        workers: 1,
        scheduling: 'round-robin',
      },
    );
  });

  it('takes the namespace from the application, where none is given', () => {
    const named = { name: 'acme.tickets', origin: 'name in /srv/package.json' };
    expect(resolveOptions({}, {}, () => named)).toMatchObject({
      namespace: 'acme.tickets',
      namespaceOrigin: 'name in /srv/package.json',
    });
    expect(resolveOptions({ namespace: 'mine' }, {}, () => named)).toMatchObject({
      namespace: 'mine',
      namespaceOrigin: 'option namespace',
    });
  });

  it('may be told expressly that there is no Redis', () => {
    const env = { CLUSTER_REDIS_URL: 'redis://localhost' };
    const options = { redis: null } as unknown as ClusterModuleOptions;
    expect(resolveOptions(options, env).redis).toBeNull();
  });

  it.each([
    [{ workers: -1 }, {}, 'workers', '-1'],
    [{ workers: 1.5 }, {}, 'workers', '1.5'],
    [{ workers: '4' }, {}, 'workers', "'4'"],
    [{ workers: 5000 }, {}, 'workers', '5000'],
    [{}, { CLUSTER_WORKERS: 'banana' }, 'CLUSTER_WORKERS', "'banana'"],
    [{}, { CLUSTER_WORKERS: '-1' }, 'CLUSTER_WORKERS', "'-1'"],
    [{ scheduling: 'random' }, {}, 'scheduling', "'random'"],
    [{ boot: { timeout: '60s' } }, {}, 'boot.timeout', "'60s'"],
    [{ boot: 5 }, {}, 'boot', 'a number'],
    [{ restart: { giveUpAfter: 0 } }, {}, 'restart.giveUpAfter', '0'],
    [{ restart: { redeliver: 'no' } }, {}, 'restart.redeliver', "'no'"],
    [{ restart: { redeliver: ['true'] } }, {}, 'restart.redeliver', 'a list'],
    [{ restart: { redeliver: 'toString' } }, {}, 'restart.redeliver', "'toString'"],
    [{}, { CLUSTER_RESTART_REDELIVER: 'toString' }, 'CLUSTER_RESTART_REDELIVER', "'toString'"],
    [{}, { CLUSTER_RESTART_REDELIVER: '__proto__' }, 'CLUSTER_RESTART_REDELIVER', "'__proto__'"],
    [{}, { CLUSTER_SCHEDULING: 'constructor' }, 'CLUSTER_SCHEDULING', "'constructor'"],
    [{ toString: 1 }, {}, 'toString', 'a number'],
    [JSON.parse('{ "__proto__": 1 }'), {}, '__proto__', 'a number'],
    [{ heartbeat: { timeout: 1_500 } }, {}, 'heartbeat.timeout', '1500'],
    [{ heartbeat: { interval: 0 }, recycle: { maxAge: 5 } }, {}, 'heartbeat.interval', '0'],
    [{ recycle: { jitter: 2 } }, {}, 'recycle.jitter', '2'],
    [{ recycle: { maxMemory: '0.5' } }, {}, 'recycle.maxMemory', "'0.5'"],
    [{ recycle: { maxMemory: '99999999999999gb' } }, {}, 'recycle.maxMemory', "'99999999999999gb'"],
    [{ reload: { maxSurge: 0 } }, {}, 'reload.maxSurge', '0'],
    [{ spare: 17 }, {}, 'spare', '17'],
    [{ shutdown: { timeout: 0 } }, {}, 'shutdown.timeout', '0'],
    [{ shutdown: { timeout: 100, readinessDelay: 100 } }, {}, 'shutdown.readinessDelay', '100'],
    [{ logger: 'jsn' as 'json' }, {}, 'logger', "'jsn'"],
    [{ logger: { log: () => {} } as never }, {}, 'logger', 'an object'],
    [{}, { CLUSTER_LOGGER: 'text' }, 'CLUSTER_LOGGER', "'text'"],
    [{ doctor: 'off' }, {}, 'doctor', "'off'"],
    [{ doctor: { ignore: 'cache' } }, {}, 'doctor', 'an object'],
    [{ doctor: { only: ['cache'] } }, {}, 'doctor', 'an object'],
    [{ doctor: { ignore: [1] } }, {}, 'doctor.ignore', '1'],
    [{}, { CLUSTER_DOCTOR: 'cache' }, 'CLUSTER_DOCTOR', "'cache'"],
    [{}, { CLUSTER_DOCTOR: '-nothing' }, 'CLUSTER_DOCTOR', "'nothing'"],
    [{ control: 'run/shop' }, {}, 'control', "'run/shop'"],
    [{}, { CLUSTER_CONTROL: 'off' }, 'CLUSTER_CONTROL', "'off'"],
    [{ events: { workerReady: 'log' } }, {}, 'events.workerReady', 'a string'],
    [{ events: { workerRead: () => {} } }, {}, 'events.workerRead', 'a function'],
    [{ events: [] }, {}, 'events', 'a list'],
    [{ redis: 'localhost:6379' }, {}, 'redis', 'a string that is not a URL'],
    [{ redis: [] }, {}, 'redis', 'a list'],
    [
      {},
      { CLUSTER_REDIS_URL: 'http://redis' },
      'CLUSTER_REDIS_URL',
      'a URL that begins with http://',
    ],
    [{ namespace: 'a b' }, {}, 'namespace', "'a b'"],
    [{ namespace: 1.1 }, {}, 'namespace', '1.1'],
    [{ worker: 2 }, {}, 'worker', 'a number'],
    [{ shutdown: { timeOut: 5 } }, {}, 'shutdown.timeOut', 'a number'],
    [null, {}, "ClusterModule's options", 'null'],
    [{ state: { timeout: 0 } }, {}, 'state.timeout', '0'],
    [{ state: { maxMemory: '120%' } }, {}, 'state.maxMemory', "'120%'"],
    [{ state: { maxMemory: 0 } }, {}, 'state.maxMemory', '0'],
    [{ state: { maxValueBytes: '1 megabyte' } }, {}, 'state.maxValueBytes', "'1 megabyte'"],
  ])('names the option, what it got and what it takes: %j %j', (options, env, option, received) => {
    const error = errorOf(options, env);
    expect(error).toMatchObject({
      code: 'CLUSTER_CONFIG',
      name: 'ClusterConfigError',
      option,
      received,
    });
    expect(error.problems).toHaveLength(1);
    expect(error.message).toContain(option);
    expect(error.message).toMatch(
      /must be .*, but got .*\.$|Unknown option `.*`\. (Did you mean `.*`\?|Valid: `.*\.)$/,
    );
  });

  it.each([
    [{ doctor: true }, {}, DOCTOR_CHECKS],
    [{ doctor: {} }, { CLUSTER_DOCTOR: 'false' }, DOCTOR_CHECKS],
    [{ doctor: false }, { CLUSTER_DOCTOR: 'true' }, []],
    [{}, { CLUSTER_DOCTOR: ' true ' }, DOCTOR_CHECKS],
    [{ doctor: { ignore: [] } }, {}, DOCTOR_CHECKS],
  ] as const)('knows which checks the doctor makes: %j %j', (options, env, checks) => {
    expect(resolveOptions(options, env).doctor).toEqual(checks);
  });

  it.each([
    [{}, { CLUSTER_CONTROL: 'false' }, false],
    [{}, { CLUSTER_CONTROL: 'true' }, true],
    [{ control: false }, { CLUSTER_CONTROL: '/run/shop' }, false],
    [{ control: '/run/shop' }, {}, '/run/shop'],
  ])('knows where the control socket is: %j %j', (options, env, control) => {
    expect(resolveOptions(options, env).control).toBe(control);
  });

  it.each([
    [{ doctor: { ignore: ['cache', 'socket.io'] } }, {}],
    [{}, { CLUSTER_DOCTOR: '-cache, -socket.io' }],
  ] as const)('leaves out the checks to ignore: %j %j', (options, env) => {
    const others = DOCTOR_CHECKS.filter(check => check !== 'cache' && check !== 'socket.io');
    expect(resolveOptions(options, env).doctor).toEqual(others);
  });

  it('suggests the check that was meant', () => {
    expect(errorOf({ doctor: { ignore: ['cahce'] } }).message).toMatch(
      /^doctor\.ignore must be .*, but got 'cahce'\. Did you mean `cache`\?$/,
    );
    expect(errorOf({}, { CLUSTER_DOCTOR: '-cahce' }).message).toContain('Did you mean `cache`?');
  });

  it.each([
    [{ recycle: { maxMemory: '80' } }, {}, 'recycle.maxMemory', '80', "'80%' or '80mb'"],
    [{ recycle: { maxMemory: 80 } }, {}, 'recycle.maxMemory', '80', "'80%' or '80mb'"],
    [{ recycle: { maxMemory: ' 512 ' } }, {}, 'recycle.maxMemory', '512', "'512mb'"],
    [{ recycle: { maxMemory: '512kb' } }, {}, 'recycle.maxMemory', '524288', "'512mb'"],
    [
      {},
      { CLUSTER_RECYCLE_MAX_MEMORY: '80' },
      'CLUSTER_RECYCLE_MAX_MEMORY',
      '80',
      "'80%' or '80mb'",
    ],
    [{}, { CLUSTER_STATE_MAX_MEMORY: '50' }, 'CLUSTER_STATE_MAX_MEMORY', '50', "'50%' or '50mb'"],
    [{ state: { maxMemory: 1_000 } }, {}, 'state.maxMemory', '1000', "'1000mb'"],
  ])('knows that a unit was forgotten: %j %j', (options, env, option, bytes, meant) => {
    const error = errorOf(options, env);
    expect(error).toMatchObject({ option, received: `${bytes} bytes` });
    expect(error.message).toMatch(
      /^\S+ must be (0, )?a number of bytes, at least 1048576, .* such as '\d+%', but got \d+ bytes\. /,
    );
    expect(error.message).toMatch(new RegExp(`Did you mean ${meant}\\?$`));
  });

  it('takes a limit of memory of 1 MiB, a share, and 0 for none', () => {
    expect([0, '0', '1mb', '1024kb', 2 ** 20, '1%'].map(recycleMemory)).toEqual([
      0,
      0,
      2 ** 20,
      2 ** 20,
      2 ** 20,
      { share: 0.01 },
    ]);
  });

  it.each([
    [
      {},
      { CLUSTER_SHUTDOWN_READINESS_DELAY: '99999999' },
      'CLUSTER_SHUTDOWN_READINESS_DELAY must be less than shutdown.timeout (25000), which includes it, but got 99999999.',
    ],
    [
      { shutdown: { readinessDelay: 5_000 } },
      { CLUSTER_SHUTDOWN_TIMEOUT: '4000' },
      'shutdown.readinessDelay must be less than CLUSTER_SHUTDOWN_TIMEOUT (4000), which includes it, but got 5000.',
    ],
    [
      {},
      { CLUSTER_HEARTBEAT_TIMEOUT: '100' },
      'CLUSTER_HEARTBEAT_TIMEOUT must be at least twice heartbeat.interval (1000), but got 100.',
    ],
    [
      { heartbeat: { timeout: 100 } },
      { CLUSTER_HEARTBEAT_TIMEOUT: '100' },
      'heartbeat.timeout must be at least twice heartbeat.interval (1000), but got 100.',
    ],
    [
      {},
      { CLUSTER_HEARTBEAT_INTERVAL: ' 0 ', CLUSTER_RECYCLE_MAX_AGE: '60000' },
      'CLUSTER_HEARTBEAT_INTERVAL must be more than 0 if recycle has a limit, because limits are checked at each heartbeat, but got 0.',
    ],
    [
      { redis: 'redis://localhost', state: { maxValueBytes: '14mb' } },
      {},
      'state.maxValueBytes must be at most 13631488 (13 MiB) with redis, because one read from Redis returns at most 14 MiB, but got 14680064.',
    ],
    [
      {},
      { CLUSTER_REDIS_URL: 'redis://localhost', CLUSTER_BUS_MAX_PAYLOAD_BYTES: '64mb' },
      'CLUSTER_BUS_MAX_PAYLOAD_BYTES must be at most 13631488 (13 MiB) with CLUSTER_REDIS_URL, because one read from Redis returns at most 14 MiB, but got 67108864.',
    ],
  ])('names what was set where values do not fit together: %j %j', (options, env, message) => {
    const error = errorOf(options, env);
    expect(error.message).toBe(message);
    expect(error.option).toBe(message.split(' ')[0]);
  });

  it('tells everything that is wrong at once', () => {
    const error = errorOf(
      { wrokers: 2, shutdown: { timeout: -1, readinessDelay: 3 }, events: { workerRead: null } },
      { CLUSTER_SPARE: 'many' },
    );
    expect(error.message.split('\n')).toEqual([
      'The configuration has 4 errors:',
      '  - Unknown option `wrokers`. Did you mean `workers`?',
      "  - CLUSTER_SPARE must be a whole number from 0 to 16, but got 'many'.",
      '  - shutdown.timeout must be a whole number of milliseconds from 1 to 2147483647, but got -1.',
      '  - Unknown option `events.workerRead`. Did you mean `events.workerReady`?',
    ]);
    expect(error.problems.map(({ option }) => option)).toEqual([
      'wrokers',
      'CLUSTER_SPARE',
      'shutdown.timeout',
      'events.workerRead',
    ]);
  });

  it.each([
    [{ wrokers: 2 }, '`workers`'],
    [{ namspace: 'x' }, '`namespace`'],
    [{ NAMESPACE: 'x' }, '`namespace`'],
    [{ shutdown: { timeOut: 5 } }, '`shutdown.timeout`'],
    [{ maxMemory: '1gb' }, '`recycle.maxMemory` or `state.maxMemory`'],
    [{ recycle: { maxDelay: 5 } }, '`restart.maxDelay` or `overload.maxDelay`'],
    [{ readinessDelay: 5 }, '`shutdown.readinessDelay`'],
    [{ timeout: 5 }, '`boot.timeout`, `heartbeat.timeout` or `shutdown.timeout`'],
  ])('suggests for %j: %s', (options, suggestion) => {
    expect(errorOf(options).message).toContain(`Did you mean ${suggestion}?`);
  });

  it('lists the options there are for a name that is like none of them', () => {
    expect(errorOf({ reload: { something: 1 } }).message).toBe(
      'Unknown option `reload.something`. Valid: `reload.maxSurge`, `reload.soak`.',
    );
  });
});

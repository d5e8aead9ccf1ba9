/**
 * The messages of a host that does not exist: the same each time, except for the times.
 */

const MEMORY = 84_000_000;
const INTERVAL = 2_000;

/** Between 0 and 1, the same for the same place. */
const noise = place => Math.abs(Math.sin(place * 12.9898) * 43_758.5453) % 1;

const wave = (slot, at) => 0.5 + 0.4 * Math.sin(at / 60 + slot) + 0.2 * noise(slot * 1_000 + at);

/** The values of a slot. */
const valuesOf = (slot, at) => [
  MEMORY + slot * 6_000_000 + wave(slot, at) * 9_000_000,
  4 + 9 * wave(slot + 3, at) ** 3,
  Math.min(1, 0.55 * wave(slot, at) + 0.05),
  240 * wave(slot + 1, at),
];

const UNKNOWN = [null, null, null, null];

/** A sample of all slots. */
const sampleOf = (slots, place, at, silent = []) => ({
  at,
  slots: Array.from({ length: slots }, (_, slot) =>
    silent.includes(slot) ? UNKNOWN : valuesOf(slot, place),
  ),
});

/** Text that tries to be markup, to change the terminal, the direction of the line and the width of the page. */
export const HOSTILE = `<img src=x onerror="globalThis.wasRun=1"><script>globalThis.wasRun=1</script>\u202egnp.exe\u0007\u001b[31m${'x'.repeat(400)}`;

const STACK = `Error: connect ECONNREFUSED 10.0.0.7:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)
    at OrdersService.open (/app/dist/orders/orders.service.js:42:11)`;

/** A worker that is ready. */
const workerOf = (slot, place, generation = 3) => {
  const [memory, p99, utilization, requestRate] = valuesOf(slot, place);
  return {
    slot,
    generation,
    id: slot + 1,
    pid: 4_700 + slot,
    state: 'ready',
    serves: true,
    uptime: 3_912_000 + slot * 900,
    restarts: slot % 3 === 0 ? 1 : 0,
    vitals: {
      memory,
      requests: 120_000,
      eventLoopDelay: p99 * 2,
      eventLoopDelayP99: p99,
      eventLoopUtilization: utilization,
    },
    requestRate,
    inFlight: Math.round(requestRate / 20),
  };
};

const workerEvent = (slot, type, more = {}) => ({
  type,
  slot,
  generation: 3,
  id: slot + 1,
  pid: 4_700 + slot,
  ...more,
});
const hostEvent = (type, more = {}) => ({ type, generation: 3, pid: 4_242, ...more });

const eventsOf = at => {
  return [
    { event: hostEvent('reloadStarted') },
    { event: workerEvent(0, 'workerForked') },
    { event: workerEvent(0, 'workerOnline') },
    { event: workerEvent(0, 'workerListening', { address: { address: null, port: 3_000 } }) },
    { event: workerEvent(0, 'workerReady', { bootTime: 812.4 }) },
    { event: workerEvent(0, 'workerDraining', { cause: 'reload' }) },
    { event: workerEvent(1, 'workerOutputPaused', { stream: 'stdout' }) },
    { event: workerEvent(1, 'workerOutputResumed', { stream: 'stdout', duration: 4_130 }) },
    {
      event: workerEvent(2, 'workerExited', {
        code: 1,
        signal: null,
        reason: 'crashed',
        uptime: 91_400,
      }),
      error: `TypeError: Cannot read properties of undefined (reading 'price') ${HOSTILE}`,
      lastOutput: STACK,
    },
    { event: workerEvent(2, 'workerReady', { bootTime: 790 }) },
    {
      event: workerEvent(3, 'workerExited', {
        code: null,
        signal: 'SIGKILL',
        reason: 'hung',
        uptime: 812_400,
        budget: 30_000,
      }),
    },
    { event: workerEvent(-1, 'workerStandby', { bootTime: 640 }) },
    { event: hostEvent('reloadFinished', { outcome: 'done', duration: 6_420 }) },
    {
      event: hostEvent('reloadFinished', {
        outcome: 'failed',
        duration: 2_100,
        error: 'The new worker of slot 0 has exited before it was ready.',
      }),
    },
  ].map((each, place) => ({
    sequence: place + 17,
    ...each,
    event: { ...each.event, at: at - (14 - place) * 21_000 },
  }));
};

/** The reload of which `overview.reload` tells. */
export const RELOADS = {
  canary: at => ({ generation: 4, startedAt: at - 900, phase: 'canary', replaced: 0, wanted: 4 }),
  rolling: at => ({
    generation: 4,
    startedAt: at - 9_000,
    phase: 'rolling',
    replaced: 2,
    wanted: 4,
  }),
  done: at => ({ ...RELOADS.rolling(at), phase: 'done', replaced: 4, duration: 6_200 }),
  failed: at => ({
    ...RELOADS.canary(at),
    phase: 'failed',
    duration: 2_100,
    error: 'The new worker of slot 0 has exited before it was ready.',
    worker: { slot: 0, pid: 5_120, reason: 'boot-failed', output: STACK },
  }),
};

/**
 * Four workers, of which one is blocked, one boots and one drains beside its successor; and a spare.
 *
 * @param {number} at
 */
export function mixedHost(at) {
  const place = Math.floor(at / INTERVAL);
  const [first, second, blocked, booting] = [0, 1, 2, 3].map(slot => workerOf(slot, place));
  return hostOf(at, {
    workers: [
      first,
      {
        ...second,
        lastExit: {
          code: 1,
          signal: null,
          reason: 'crashed',
          error: 'Error: out of tickets',
          at: at - 420_000,
        },
      },
      {
        ...blocked,
        serves: false,
        heartbeatOverdue: 12_400,
        requestRate: null,
        inFlight: null,
        lastExit: { code: 0, signal: null, reason: 'left', at: at - 3_912_000 },
      },
      {
        ...booting,
        state: 'booting',
        serves: false,
        uptime: 640,
        vitals: undefined,
        requestRate: null,
        inFlight: null,
        generation: 4,
      },
      {
        ...workerOf(3, place),
        id: 9,
        pid: 4_709,
        state: 'draining',
        serves: false,
        inFlight: 2,
        requestRate: 0,
      },
    ],
    spares: [
      {
        ...workerOf(0, place),
        slot: -1,
        id: 12,
        pid: 4_712,
        state: 'standby',
        restarts: 0,
        serves: false,
        requestRate: 0,
        inFlight: 0,
      },
    ],
    slots: 4,
    silent: [2, 3],
  });
}

/** A host with many workers, which are all ready. */
export function largeHost(at, slots = 64) {
  const place = Math.floor(at / INTERVAL);
  const workers = Array.from({ length: slots }, (_, slot) => workerOf(slot, place));
  return hostOf(at, { workers, spares: [], slots, silent: [] });
}

function hostOf(at, { workers, spares, slots, silent }) {
  const place = Math.floor(at / INTERVAL);
  return {
    at,
    host: {
      pid: 4_242,
      uptime: 3_920_000,
      state: 'running',
      generation: 3,
      wanted: slots,
      ready: workers.filter(({ serves }) => serves).length,
      hasStarted: true,
      discardedOutput: 0,
      stateMemory: { used: 3_400_000, limit: 268_435_456 },
      recentRestarts: 1,
    },
    workers,
    spares,
    sample: sampleOf(slots, place, at, silent),
    events: [],
    reload: null,
  };
}

/** The first message of a page. */
export function overviewOf(update, extra = {}) {
  const { at } = update;
  const place = Math.floor(at / INTERVAL);
  const slots = update.sample.slots.length;
  return {
    ...update,
    events: eventsOf(at),
    self: { slot: 1, pid: 4_701, mode: 'cluster' },
    namespace: 'ticket-shop',
    version: '0.1.0',
    actions: ['reload', 'scale', 'replace', 'profile', 'stack'],
    history: Array.from({ length: 449 }, (_, index) => {
      const back = 449 - index;
      // A worker was blocked for a minute, and another one has been blocked for 12 s.
      return sampleOf(
        slots,
        place - back,
        at - back * INTERVAL,
        back > 150 && back < 180 ? [1] : back < 7 && slots === 4 ? [2] : [],
      );
    }),
    ...extra,
  };
}

/** The sections of the views. */
export const SECTIONS = {
  topics: (at, topics = 24) => ({
    silent: [2],
    topics: Array.from({ length: topics }, (_, place) => ({
      topic:
        place === 1
          ? HOSTILE
          : ['orders', 'tickets', 'users', 'mail'][place % 4] +
            `.${['created', 'paid', 'gone'][place % 3]}.${place}`,
      durable: place % 5 === 0,
      published: place === 2 ? null : 40 * noise(place + Math.floor(at / INTERVAL)),
      received: place === 2 ? null : 160 * noise(place + Math.floor(at / INTERVAL)),
      subscriptions: 4,
      queued: place % 7 === 0 ? 12 : 0,
      gaps: place === 3 ? 1 : 0,
      missed: place === 3 ? 41 : 0,
      ...(place % 5 === 0 && {
        stored: 10_000 + place,
        groups: [
          { group: 'billing', pending: 3, lag: 120 },
          { group: 'search', pending: null, lag: null },
        ],
      }),
    })),
  }),
  state: () => ({
    backend: 'memory',
    isTruncated: true,
    entries: [
      { kind: 'counter', key: 'tickets-sold' },
      { kind: 'value', key: HOSTILE, ttl: 61_000 },
      { kind: 'map', key: 'prices', size: 42 },
      { kind: 'set', key: 'visitors', size: 1_204, ttl: 3_600_000 },
      {
        kind: 'lock',
        key: 'checkout:4711',
        ttl: 29_100,
        holders: ['slot 2 (pid 4702) of web-1'],
        waiting: 3,
      },
      {
        kind: 'semaphore',
        key: 'pdf',
        holders: ['slot 0 (pid 4700) of web-1', 'slot 1 (pid 4701) of web-1'],
        waiting: 0,
      },
      {
        kind: 'leader',
        key: 'report',
        ttl: 9_000,
        holders: ['slot 1 (pid 4701) of web-1'],
        waiting: 3,
      },
      { kind: 'rateLimit', key: 'login:10.0.0.7', ttl: 60_000, size: 4 },
      { kind: 'throttler', key: 'throttler:default', size: 9 },
      { kind: 'cache', key: 'weather', size: 12, hitRate: 0.934 },
      { kind: 'cache', key: 'rates', size: 0, hitRate: null },
      { kind: 'history', key: 'sales', size: 100 },
    ],
  }),
  jobs: at => ({
    used: true,
    jobs: [
      {
        name: 'TicketsModule.ReleaseService.releaseExpired',
        kind: 'cron',
        run: 'once',
        isPaused: false,
        nextRun: at + 31_000,
        lastRun: {
          at: at - 29_000,
          duration: 214,
          result: 'done',
          worker: { slot: 1, pid: 4_701, host: 'web-1' },
        },
      },
      {
        name: 'report',
        kind: 'cron',
        run: 'host',
        isPaused: true,
        lastRun: {
          at: at - 86_400_000,
          duration: 61_400,
          result: 'failed',
          error: HOSTILE,
          worker: { slot: 0, pid: 4_700, host: 'web-2' },
        },
      },
      { name: 'warm-up', kind: 'timeout', run: 'each', isPaused: false },
    ],
  }),
  connections: () => ({
    workers: [4_700, 4_701, 4_702, 4_703, 4_709].map(pid => ({
      slot: pid === 4_709 ? 3 : pid - 4_700,
      pid,
      state: { 4_703: 'booting', 4_709: 'draining' }[pid] ?? 'ready',
      ...(pid === 4_709 && { drainingFor: 4_100 }),
      open: pid === 4_702 ? null : pid - 4_600,
      idle: pid === 4_702 ? null : 80,
      inFlight: pid === 4_702 ? null : 12,
      webSockets: pid === 4_702 ? null : 28,
      messages: pid === 4_702 ? null : 0,
    })),
  }),
  fleet: () => ({
    namespace: 'ticket-shop',
    hosts: ['web-1', 'web-2', 'web-3'].map((name, place) => ({
      id: `${name}-id`,
      name,
      pid: 4_242 + place,
      isSelf: place === 0,
      version: '0.1.0',
      release: `2026-11-29-${place === 2 ? 'b' : 'a'}`,
      mode: 'cluster',
      health: ['healthy', 'degraded', 'down'][place],
      generation: 3,
      wanted: 4,
      ready: 4 - place * 2,
      uptime: 3_920_000,
      ...(place === 1 && { reload: { token: 7, state: 'running' } }),
      ...(place === 2 && {
        reload: {
          token: 7,
          state: 'failed',
          why: HOSTILE,
          worker: { slot: 0, pid: 900, reason: 'boot-failed', output: STACK },
        },
      }),
    })),
    unknown: [{ id: 'future-id', name: 'web-4', version: '9.0.0' }],
  }),
};

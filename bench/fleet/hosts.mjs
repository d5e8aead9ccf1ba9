// @ts-check
/** A process with the stand-ins of many hosts. Its parent tells it what they do. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BEAT } from '../../build/fleet/fleet-names.js';
import { Worker } from './worker.mjs';

/** How many stand-ins connect at the same time. */
const CONNECTING = 64;

/** How many stand-ins of this process join at the same time: hosts are not all started in the same second. */
const AT_ONCE = 50;

/** How many stand-ins of this process come back at the same time. */
const RECONNECTING = 500;

/** Milliseconds until a candidate stands again whose request has failed. */
const PAUSE = 250;

const EVENT = 'event';

/** @type {Worker[]} */
let workers = [];
/** The first worker of each host: its agent. @type {Worker[]} */
let agents = [];
/** Never aborts: the process is killed at the end. */
const never = new AbortController().signal;
setMaxListeners(0, never);
/** @type {import('../../build/state/objects/hold.js').Hold | undefined} */
let leading;
let elections = 0;

/** @type {Record<string, (params: any) => unknown>} */
const COMMANDS = {
  async connect({ ports, first, hosts, perHost }) {
    const places = [];
    for (let host = first; host < first + hosts; host++) {
      for (let slot = 0; slot < perHost; slot++) {
        places.push({ host, slot });
      }
    }
    for (let index = 0; index < places.length; index += CONNECTING) {
      const some = places.slice(index, index + CONNECTING);
      const opened = await Promise.all(
        some.map(({ host, slot }) => Worker.connect(ports, host, slot)),
      );
      workers.push(...opened);
    }
    agents = workers.filter(({ info }) => info.slot === 0);
  },
  joinAgents: () => timed(agents, agent => agent.join()),
  /** All other workers are members, too. Nobody hears of them, because it would take minutes; then all listen to changes. */
  async joinOthers() {
    const others = workers.filter(({ info }) => info.slot !== 0);
    await timed(agents, agent => agent.stopListening());
    await timed(others, worker => worker.registry.announce(worker.info));
    await timed(workers, worker => worker.listen());
  },
  /** Some workers leave, and others come in their places. */
  replace: ({ count }) => timed(workers.slice(-count), worker => worker.replace(), 8),
  /** The same, while the others have no connection. */
  replaceEarly: ({ count }) => timed(workers.slice(-count), worker => worker.replaceEarly(), 8),
  /** All stand-ins share a list of the members, which one of them keeps up to date from now on. */
  know: () => workers[0]?.know(),
  /** The members come back at about the same time. */
  comeBack: ({ isDataLost }) => timed(workers, worker => worker.comeBack(isDataLost), RECONNECTING),
  /** Each host writes its record, and then again and again. */
  async record() {
    const times = await timed(agents, agent => agent.record());
    agents.forEach(agent => setTimeout(beat, Math.random() * BEAT, agent));
    return times;
  },
  async readFleet() {
    const [{ fleet, connections }] = /** @type {[Worker]} */ (agents);
    connections.forEach(connection => (connection.leavesOut = false));
    const startedAt = performance.now();
    const { hosts } = await fleet.all('');
    const milliseconds = performance.now() - startedAt;
    connections.forEach(connection => (connection.leavesOut = true));
    return { hosts: hosts.length, milliseconds };
  },
  /** Every worker is a candidate. */
  stand({ name }) {
    workers.forEach(worker => void campaign(worker, name));
  },
  /** The leader resigns. Returns whether it was here. */
  async resign() {
    const hold = leading;
    leading = undefined;
    hold?.abort('it resigns');
    await hold?.release();
    return hold !== undefined;
  },
  async listen() {
    await Promise.all(workers.map(({ link }) => link.subscriber.subscribe(EVENT, () => {})));
  },
  publish: ({ size }) => workers[0]?.link.publish(EVENT, 'x'.repeat(size)),
  state: () => ({
    elections,
    sure: workers.filter(({ isSure }) => isSure).length,
    messages: workers.reduce((sum, { messages }) => sum + messages, 0),
    open: workers.filter(({ isConnected }) => isConnected).length,
  }),
};

/** @param {Worker} agent */
function beat(agent) {
  setInterval(() => void agent.record().catch(() => {}), BEAT);
}

/**
 * Is a candidate in an election for ever.
 *
 * @param {Worker} worker
 * @param {string} name
 */
async function campaign(worker, name) {
  for (;;) {
    const hold = await worker.acquire(name, never).catch(() => delay(PAUSE));
    if (hold) {
      elections++;
      leading = hold;
      await new Promise(resolve => hold.signal.addEventListener('abort', resolve));
    }
  }
}

/**
 * @param {readonly Worker[]} those
 * @param {(worker: Worker) => Promise<unknown>} act
 * @param {number} [atOnce] how many at the same time
 * @returns {Promise<number[]>} the milliseconds of each
 */
async function timed(those, act, atOnce = AT_ONCE) {
  const waiting = [...those];
  const times = /** @type {number[]} */ ([]);
  const run = async () => {
    for (let worker = waiting.shift(); worker; worker = waiting.shift()) {
      const startedAt = performance.now();
      await act(worker);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return times;
}

process.on('message', (/** @type {any} */ { id, name, params }) => {
  void (async () => COMMANDS[name]?.(params ?? {}))().then(
    value => process.send?.({ id, value }),
    (/** @type {Error} */ error) => process.send?.({ id, error: error.stack }),
  );
});
process.on('disconnect', () => process.exit(0));
process.on('error', () => {});

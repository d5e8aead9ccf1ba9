// @ts-check
/** A process with the stand-ins of many hosts. Its parent tells it what they do. */
import { setMaxListeners } from 'node:events';
import { BEAT } from '../../build/fleet/fleet-names.js';
import { Worker } from './worker.mjs';

/** How many stand-ins connect at the same time. */
const CONNECTING = 64;

/** How many stand-ins of this process join at the same time: hosts are not all started in the same second. */
const AT_ONCE = 50;

const EVENT = 'event';

/** @type {Worker[]} */
let workers = [];
/** The first worker of each host: its agent. @type {Worker[]} */
let agents = [];
/** @type {NodeJS.Timeout[]} */
let timers = [];
const standing = new AbortController();
setMaxListeners(0, standing.signal);
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
  /** All other workers are members, too, and listen to changes. Only the agents hear of them: it would take minutes. */
  async joinOthers() {
    const others = workers.filter(worker => !agents.includes(worker));
    await timed(others, worker => worker.registry.announce(worker.info));
    await timed(others, worker => worker.listen());
  },
  /** Some workers leave, and others come in their places. */
  replace: ({ count }) => timed(workers.slice(-count), worker => worker.replace(), 8),
  /** The members come back at the same time. */
  async comeBack() {
    const known = await /** @type {Worker} */ (workers[0]).list();
    return timed(workers, worker => worker.comeBack(known), workers.length);
  },
  /** Each host writes its record, and then again and again. */
  async record() {
    const times = await timed(agents, agent => agent.record());
    timers.push(
      ...agents.map(agent => {
        let timer = setTimeout(() => {
          timer = setInterval(() => void agent.record().catch(() => {}), BEAT);
          timers.push(timer);
        }, Math.random() * BEAT);
        return timer;
      }),
    );
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
  elected: () => ({ elections, isLeading: leading?.isHeld === true }),
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
    messages: workers.reduce((sum, { messages }) => sum + messages, 0),
    closed: workers.filter(({ connections }) => connections.some(({ isClosed }) => isClosed))
      .length,
  }),
  stop() {
    standing.abort();
    timers.forEach(timer => clearInterval(timer));
    workers.forEach(worker => worker.close());
    setImmediate(() => process.exit(0));
  },
};

/**
 * Is a candidate in an election for ever.
 *
 * @param {Worker} worker
 * @param {string} name
 */
async function campaign(worker, name) {
  while (!standing.signal.aborted) {
    const hold = await worker.acquire(name, standing.signal).catch(() => undefined);
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

// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { HostProcesses } from './host-processes.mjs';
import { Servers } from './servers.mjs';

export const WORKERS_PER_HOST = 8;

/** Processes of stand-ins: each can have at most as many connections as it may open files. */
const PROCESSES = 2;

/** Milliseconds for which a state that lasts is measured: two beats of each host. */
const REST = 6_000;

/** Milliseconds after which a step has not finished. */
const STEP = 60_000;

/** The same for steps that prepare others, and whose duration is no result. */
const PREPARATION = 120_000;

const PING_INTERVAL = 25;
const POLL_INTERVAL = 5;
const ELECTIONS = 5;
const EVENTS = 10;
const EVENT_BYTES = 200;
const REPLACED = 50;

/** Workers that are replaced during an outage. */
const REPLACED_EARLY = 20;

/**
 * @typedef {object} Step what a step of the simulation has cost
 * @property {number} milliseconds
 * @property {number} cpu milliseconds of CPU time of the busiest server
 * @property {number} sent bytes that it has sent
 * @property {number} wait the longest time in ms for which a PING had to wait
 * @property {number} simulation milliseconds of CPU time of the processes with the stand-ins
 */

/** @typedef {{ open: number, messages: number, elections: number, sure: number }} State of all stand-ins */

/** The stand-ins of all hosts of a fleet, on one Redis server or on a Redis Cluster. */
export class Simulation {
  /**
   * @param {number} hosts
   * @param {number} masters 1 for one server
   * @param {number} milliseconds after which all steps have finished, or have failed
   */
  static async start(hosts, masters, milliseconds) {
    const deadline = performance.now() + milliseconds;
    const servers = await Servers.start(masters);
    return new Simulation(hosts, servers, new HostProcesses(PROCESSES), deadline);
  }

  /**
   * @param {number} hosts
   * @param {Servers} servers
   * @param {HostProcesses} processes
   * @param {number} deadline
   */
  constructor(hosts, servers, processes, deadline) {
    this.hosts = hosts;
    this.servers = servers;
    this.processes = processes;
    this.deadline = deadline;
  }

  get workers() {
    return this.hosts * WORKERS_PER_HOST;
  }

  /**
   * @param {() => Promise<unknown>} act
   * @param {number} [limit] milliseconds
   * @returns {Promise<Step>}
   */
  async step(act, limit = STEP) {
    const over = new AbortController();
    let wait = 0;
    const pings = (async () => {
      while (!over.signal.aborted) {
        wait = Math.max(wait, await this.servers.ping());
        await delay(PING_INTERVAL);
      }
    })();
    pings.catch(() => {});
    try {
      const before = await this.within(this.servers.factsOfAll());
      const used = this.processes.cpu;
      const startedAt = performance.now();
      await this.within(act(), limit);
      const milliseconds = performance.now() - startedAt;
      const after = await this.within(this.servers.factsOfAll());
      const added = (/** @type {'cpu' | 'sent'} */ name) =>
        Math.max(...after.map((facts, index) => facts[name] - (before[index]?.[name] ?? 0)));
      const simulation = this.processes.cpu - used;
      return { milliseconds, cpu: added('cpu'), sent: added('sent'), wait, simulation };
    } finally {
      over.abort();
    }
  }

  /**
   * Rejects if something takes too long.
   *
   * @template Value
   * @param {Promise<Value>} task
   * @param {number} [longest] milliseconds
   * @returns {Promise<Value>}
   */
  async within(task, longest = STEP) {
    const over = new AbortController();
    const limit = Math.max(0, Math.min(longest, this.deadline - performance.now()));
    const late = delay(limit, undefined, { signal: over.signal }).then(() => {
      const why = limit < longest ? ', which was left of the time of all steps' : '';
      throw new Error(`not finished within ${Math.round(limit / 1_000)} s${why}`);
    });
    try {
      return await Promise.race([task, late]);
    } finally {
      over.abort();
      late.catch(() => {});
      task.catch(() => {});
    }
  }

  connect() {
    const perProcess = Math.ceil(this.hosts / PROCESSES);
    const connected = () =>
      this.processes.all('connect', index => ({
        ports: this.servers.ports,
        first: index * perProcess,
        hosts: Math.min(perProcess, this.hosts - index * perProcess),
        perHost: WORKERS_PER_HOST,
      }));
    return this.step(connected, PREPARATION);
  }

  /** One worker of each host joins the bus, and writes the record of the host. */
  form() {
    return this.step(async () => {
      await this.processes.all('joinAgents');
      await this.processes.all('record');
    });
  }

  facts() {
    return this.within(this.servers.facts());
  }

  rest() {
    return this.step(() => delay(REST));
  }

  readFleet() {
    return this.within(this.processes.first('readFleet'));
  }

  /** All workers are candidates in one election. */
  stand() {
    return this.step(async () => {
      await this.processes.all('stand', { name: 'reports' });
      await delay(3_000);
    });
  }

  /** The leader resigns several times. Returns the milliseconds until the next one was elected. */
  elections() {
    return this.within(this.#elections());
  }

  async #elections() {
    const times = [];
    for (let turn = 0; turn < ELECTIONS; turn++) {
      const { elections } = await this.#state();
      const startedAt = performance.now();
      await this.processes.all('resign');
      await this.#until(state => state.elections > elections);
      times.push(performance.now() - startedAt);
      await delay(200);
    }
    return times;
  }

  /** All other workers join the bus, too. */
  joinAll() {
    return this.step(() => this.processes.all('joinOthers'), PREPARATION);
  }

  /** Some workers are replaced, as in reloads: all members learn that one leaves, and that another one is there. */
  replace() {
    return this.step(async () => {
      await this.processes.all('replace', { count: REPLACED / PROCESSES });
      await this.#quiet();
    });
  }

  /**
   * All connections are lost, and all members come back: they connect and subscribe, announce themselves again, and read
   * the list. If the data is kept, some have been replaced in the meantime. Returns what that has cost, until all of them are
   * sure who the members are.
   *
   * @param {boolean} isDataLost whether the servers have lost their data, too
   */
  async comeBack(isDataLost) {
    await this.within(this.processes.all('know'));
    await this.within(this.servers.closeConnections());
    if (isDataLost) {
      await this.within(this.servers.loseData());
    }
    await this.within(this.#until(({ open }) => open === 0));
    if (!isDataLost) {
      const count = REPLACED_EARLY / PROCESSES;
      await this.within(this.processes.all('replaceEarly', { count }));
    }
    return this.step(async () => {
      await this.processes.all('comeBack', { isDataLost });
      await this.#until(({ sure }) => sure === this.workers);
      await this.#quiet();
    });
  }

  /** Waits until all messages have arrived. */
  async #quiet() {
    let before = -1;
    for (;;) {
      const { messages } = await this.#state();
      if (messages === before) {
        return;
      }
      before = messages;
      await delay(150);
    }
  }

  /** One event after the other reaches all workers. */
  async events() {
    await this.within(this.processes.all('listen'));
    const { messages, open } = await this.#state();
    return this.step(async () => {
      for (let event = 1; event <= EVENTS; event++) {
        await this.processes.first('publish', { size: EVENT_BYTES });
        await this.#until(state => state.messages >= messages + event * open);
      }
    });
  }

  /** The number of connections that a server has closed, because their receivers were too slow. */
  async closed() {
    return this.workers - (await this.within(this.#state())).open;
  }

  /** @param {(state: State) => boolean} isReached */
  async #until(isReached) {
    while (!isReached(await this.#state())) {
      await delay(POLL_INTERVAL);
    }
  }

  /** @returns {Promise<State>} */
  async #state() {
    const all = await this.processes.all('state');
    const sum = (/** @type {keyof State} */ name) =>
      all.reduce((total, state) => total + state[name], 0);
    return {
      open: sum('open'),
      messages: sum('messages'),
      elections: sum('elections'),
      sure: sum('sure'),
    };
  }

  async stop() {
    await this.processes.stop();
    await this.servers.stop();
  }
}

export { EVENTS, REPLACED, REPLACED_EARLY };

// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { HostProcesses } from './host-processes.mjs';
import { Servers } from './servers.mjs';

export const WORKERS_PER_HOST = 8;

/** Processes of stand-ins: each can have at most as many connections as it may open files. */
const PROCESSES = 2;

/** Milliseconds for which a state that lasts is measured: two beats of each host. */
const REST = 6_000;

const PING_INTERVAL = 25;
const ELECTIONS = 5;
const EVENTS = 10;
const EVENT_BYTES = 200;
const REPLACED = 50;

/**
 * @typedef {object} Step what a step of the simulation has cost
 * @property {number} milliseconds
 * @property {number} cpu milliseconds of CPU time of the busiest server
 * @property {number} sent bytes that it has sent
 * @property {number} wait the longest time in ms for which a PING had to wait
 */

/** The stand-ins of all hosts of a fleet, on one Redis server or on a Redis Cluster. */
export class Simulation {
  /**
   * @param {number} hosts
   * @param {number} masters 1 for one server
   */
  static async start(hosts, masters) {
    const servers = await Servers.start(masters);
    return new Simulation(hosts, servers, new HostProcesses(PROCESSES));
  }

  /**
   * @param {number} hosts
   * @param {Servers} servers
   * @param {HostProcesses} processes
   */
  constructor(hosts, servers, processes) {
    this.hosts = hosts;
    this.servers = servers;
    this.processes = processes;
  }

  /** @param {() => Promise<unknown>} act @returns {Promise<Step>} */
  async step(act) {
    const over = new AbortController();
    let wait = 0;
    const pings = (async () => {
      while (!over.signal.aborted) {
        wait = Math.max(wait, await this.servers.ping());
        await delay(PING_INTERVAL);
      }
    })();
    try {
      const before = await this.servers.facts();
      const startedAt = performance.now();
      await act();
      const milliseconds = performance.now() - startedAt;
      const after = await this.servers.facts();
      const cpu = after.cpu - before.cpu;
      return { milliseconds, cpu, sent: after.sent - before.sent, wait };
    } finally {
      over.abort();
      await pings.catch(() => {});
    }
  }

  connect() {
    const perProcess = Math.ceil(this.hosts / PROCESSES);
    return this.step(() =>
      this.processes.all('connect', index => ({
        ports: this.servers.ports,
        first: index * perProcess,
        hosts: Math.min(perProcess, this.hosts - index * perProcess),
        perHost: WORKERS_PER_HOST,
      })),
    );
  }

  /** One worker of each host joins the bus, and writes the record of the host. */
  form() {
    return this.step(async () => {
      await this.processes.all('joinAgents');
      await this.processes.all('record');
    });
  }

  rest() {
    return this.step(() => delay(REST));
  }

  readFleet() {
    return this.processes.first('readFleet');
  }

  /** All workers are candidates in one election. */
  stand() {
    return this.step(async () => {
      await this.processes.all('stand', { name: 'reports' });
      await delay(3_000);
    });
  }

  /** The leader resigns several times. Returns the milliseconds until the next one was elected. */
  async elections() {
    const times = [];
    for (let turn = 0; turn < ELECTIONS; turn++) {
      const before = await this.#elected();
      const startedAt = performance.now();
      await this.processes.all('resign');
      while ((await this.#elected()) === before) {
        await delay(1);
      }
      times.push(performance.now() - startedAt);
      await delay(200);
    }
    return times;
  }

  async #elected() {
    const all = await this.processes.all('elected');
    return all.reduce((sum, { elections }) => sum + elections, 0);
  }

  /** All other workers join the bus, too. */
  joinAll() {
    return this.step(async () => {
      await this.processes.all('joinOthers');
      await this.#quiet();
    });
  }

  /** Some workers are replaced, as in reloads: all members learn that one leaves, and that another one is there. */
  replace() {
    return this.step(async () => {
      await this.processes.all('replace', { count: REPLACED / PROCESSES });
      await this.#quiet();
    });
  }

  /** All members announce themselves again, and read the list, as when Redis is available again. */
  comeBack() {
    return this.step(async () => {
      await this.processes.all('comeBack');
      await this.#quiet();
    });
  }

  /** Waits until all messages have arrived. */
  async #quiet() {
    let before = -1;
    for (;;) {
      const states = await this.processes.all('state');
      const messages = states.reduce((sum, state) => sum + state.messages, 0);
      if (messages === before) {
        return;
      }
      before = messages;
      await delay(150);
    }
  }

  /** One event after the other reaches all workers. */
  async events() {
    await this.processes.all('listen');
    const before = await this.#received();
    const members = this.hosts * WORKERS_PER_HOST;
    return this.step(async () => {
      for (let event = 1; event <= EVENTS; event++) {
        await this.processes.first('publish', { size: EVENT_BYTES });
        while ((await this.#received()) < before + event * members) {
          await delay(1);
        }
      }
    });
  }

  async #received() {
    const all = await this.processes.all('state');
    return all.reduce((sum, { messages }) => sum + messages, 0);
  }

  /** Connections that a server has closed. */
  async closed() {
    const all = await this.processes.all('state');
    return all.reduce((sum, { closed }) => sum + closed, 0);
  }

  async stop() {
    await this.processes.stop();
    await this.servers.stop();
  }
}

export { EVENTS, REPLACED };

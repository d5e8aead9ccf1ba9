// @ts-check
/** The stand-in of a worker: the classes of this package that speak to Redis, over connections of `connection.mjs`. */
import { KnownMembers } from '../../build/bus/transports/redis/known-members.js';
import { MemberRegistry } from '../../build/bus/transports/redis/member-registry.js';
import { FleetRegistry } from '../../build/fleet/fleet-registry.js';
import { hashSlot } from '../../build/redis/cluster/hash-slot.js';
import { RedisExecutor } from '../../build/state/backends/redis/redis-executor.js';
import { RedisKeys } from '../../build/state/backends/redis/redis-keys.js';
import { StateClient } from '../../build/state/client/state-client.js';
import { Locks } from '../../build/state/objects/locks.js';
import { StateMap } from '../../build/state/objects/state-map.js';
import { leaderKey } from '../../build/state/client/lock-release.js';
import { Connection } from './connection.mjs';

const NAMESPACE = 'bench-fleet';
const SLOTS = 16_384;
const TIMEOUT = 30_000;

/** As `SharedState.leader()`. */
const LEASE = 10_000;

/** What all stand-ins of this process know: each of them would need megabytes. */
const known = new KnownMembers();

/** The list that they know before an outage. */
let former = { version: '', created: '', count: 0 };

export class Worker {
  /** Whether it knows who the members are after an outage. */
  isSure = false;
  #keepsList = false;
  /** How many lists it reads. */
  #reading = 0;

  /**
   * @param {readonly number[]} ports of the server, or of the masters of a cluster, in the order of their slots
   * @param {number} host
   * @param {number} slot
   */
  static async connect(ports, host, slot) {
    const connections = await Promise.all(ports.map(port => Connection.open(port)));
    return new Worker(ports, connections, host, slot);
  }

  /**
   * @param {readonly number[]} ports
   * @param {Connection[]} connections
   * @param {number} host
   * @param {number} slot
   */
  constructor(ports, connections, host, slot) {
    this.ports = ports;
    this.connections = connections;
    this.host = host;
    const isCluster = connections.length > 1;
    const link = /** @type {any} */ (linkOf(connections));
    this.keys = new RedisKeys(NAMESPACE, isCluster, 0);
    this.link = link;
    this.state = new StateClient(new RedisExecutor(link, NAMESPACE), TIMEOUT, 0);
    this.registry = new MemberRegistry(
      link,
      this.keys,
      onUnreadable,
      () => void this.#check(),
      known,
    );
    this.info = {
      member: this.state.id,
      host: `shop-web-${host}.eu-central-1.internal:${10_000 + host}`,
      slot,
      generation: 3,
      id: 10 + slot,
      pid: 20_000 + slot,
      answers: [],
      groups: [],
      consumers: [],
      patterns: [],
    };
    const state = {
      map: (/** @type {string} */ name) => new StateMap(this.state, name, 1_000_000),
    };
    this.fleet = new FleetRegistry(/** @type {any} */ (state));
    this.locks = new Locks(this.state, async () => {});
  }

  get messages() {
    return this.connections.reduce((sum, { messages }) => sum + messages, 0);
  }

  /** Joins the bus: subscribes to the changes, announces itself, and reads the list of members. */
  async join() {
    await this.listen();
    await this.registry.announce(this.info);
    await this.list();
  }

  /** Subscribes to the changes of members. */
  listen() {
    return this.link.subscriber.subscribe(this.registry.channel, (/** @type {string} */ text) => {
      if (this.#keepsList) {
        this.registry.heard(text);
      }
    });
  }

  stopListening() {
    return this.link.subscriber.unsubscribe(this.registry.channel);
  }

  /** Reads the list of members, and keeps it up to date for all stand-ins of this process. */
  async know() {
    this.#keepsList = true;
    await this.#readList();
    const { version, created, count } = known;
    former = { version, created, count };
  }

  /** Leaves the bus; another worker joins, with this connection. */
  async replace() {
    await this.#join();
    await this.list();
  }

  async #join() {
    await this.registry.remove(this.info.member);
    this.info = { ...this.info, member: this.info.member.split('').toReversed().join('') };
    await this.registry.announce(this.info);
  }

  /**
   * What a member does when Redis is available again: it reads the list twice, when commands can be sent, and when the
   * subscriptions are back. If the data was lost, it does so again, when all others are back.
   *
   * @param {boolean} isDataLost
   */
  async comeBack(isDataLost) {
    this.isSure = false;
    await this.reconnect();
    const read = () => (isDataLost || this.#keepsList ? this.#readList() : this.list(former));
    await Promise.all([this.registry.announceAgain(), read(), read()]);
    // A few members are told at once.
    this.isSure ||= !isDataLost || known.created !== former.created;
  }

  /** Is replaced during the outage. */
  async replaceEarly() {
    await this.reconnect();
    await this.#join();
  }

  async #check() {
    await this.#readList();
    this.isSure = known.created !== former.created;
  }

  /**
   * Reads the list of members, or what has changed, as the registry does, but does not keep it: a process has thousands of
   * stand-ins.
   *
   * @param {{ version: string, created: string, count: number }} [since] what it knows
   */
  async list({ version, created, count } = { version: '', created: '', count: 0 }) {
    const [sha, names, ...words] = this.link.announced;
    const keys = words.slice(0, names);
    const [, publishing, lease, , , silence, , , , many] = words.slice(names);
    let from = version;
    let next = '0';
    do {
      // After a page of changes, the whole list may follow.
      const cursor = from === '' ? next : '0';
      const args = ['list', publishing, lease, from, '', silence, cursor, count, created, many];
      const texts = await this.link.client.evalsha(sha, names, ...keys, ...args);
      next = texts.at(-3);
      // There are more changes.
      from = next === '+' ? texts.at(-4) : '';
    } while (next !== '0' && next !== '');
  }

  /** Writes the record of the host. */
  record() {
    const { host } = this;
    return this.fleet.write(`host-${host}-of-the-fleet`, {
      v: 1,
      name: `shop-web-${host}.eu-central-1.internal`,
      pid: 10_000 + host,
      version: '0.1.0',
      release: '7.1.0+2026-11-29T10:00:00.000Z',
      mode: 'cluster',
      generation: 3,
      wanted: 8,
      ready: 8,
      uptime: 183_600_000,
    });
  }

  /**
   * Waits until this worker is the leader. The caller ends the term.
   *
   * @param {string} name
   * @param {AbortSignal} signal
   */
  acquire(name, signal) {
    const request = { key: leaderKey(name), name, wait: Infinity, lease: LEASE, signal };
    return this.locks.acquire(request);
  }

  async #readList() {
    this.#reading++;
    this.#leaveOut(false);
    await this.registry.list();
    this.#reading--;
    this.#leaveOut(this.#reading === 0 && !this.#keepsList);
  }

  #leaveOut(/** @type {boolean} */ leavesOut) {
    this.connections.forEach(connection => (connection.leavesOut = leavesOut));
  }

  /** Connects again after an outage, and restores its subscriptions. */
  async reconnect() {
    const messages = this.messages;
    this.connections.forEach(connection => connection.close());
    const opened = await Promise.all(this.ports.map(port => Connection.open(port)));
    this.connections.splice(0, opened.length, ...opened);
    if (opened[0]) {
      opened[0].messages = messages;
    }
    await this.link.restore();
  }

  get isConnected() {
    return this.connections.every(({ isClosed }) => !isClosed);
  }

  close() {
    this.connections.forEach(connection => connection.close());
  }
}

/**
 * @param {string} _
 * @param {Error} error
 */
function onUnreadable(_, error) {
  throw error;
}

/**
 * What stands in for the `RedisLink`: no timeouts, no reconnection, no checks.
 *
 * @param {readonly Connection[]} connections
 */
function linkOf(connections) {
  const isCluster = connections.length > 1;
  const of = (/** @type {string} */ name) =>
    connections[isCluster ? Math.floor((hashSlot(name) * connections.length) / SLOTS) : 0];
  const client = {
    status: 'ready',
    evalsha: (/** @type {any[]} */ ...args) => {
      link.announced = args.includes('announce') ? args : link.announced;
      return of(args[2])?.command('EVALSHA', ...args);
    },
    eval: (/** @type {any[]} */ ...args) => of(args[2])?.command('EVAL', ...args),
  };
  const listeners = new Map();
  /** The channels that belong to no slot. */
  const broadcasts = new Set();
  const receive = () =>
    connections.forEach(connection => {
      connection.onMessage = (channel, message) => listeners.get(channel)?.(message);
    });
  receive();
  const subscribe = (/** @type {string} */ channel) =>
    of(channel)?.command(
      isCluster && !broadcasts.has(channel) ? 'SSUBSCRIBE' : 'SUBSCRIBE',
      channel,
    );
  const link = {
    client,
    /** The words of the script with which the member was announced. @type {any[]} */
    announced: [],
    isCluster,
    database: 0,
    isReady: true,
    whyUnusable: undefined,
    availability: { observe: () => () => {}, unavailableSince: undefined, serverOffset: 0 },
    memory: { problems: [], refused: () => {} },
    /** Subscribes again, over new connections. */
    restore: () => {
      receive();
      return Promise.all(Array.from(listeners.keys(), async channel => subscribe(channel)));
    },
    suspect: () => {},
    distrust: () => {},
    publish: (/** @type {string} */ channel, /** @type {string} */ message) =>
      of(channel)?.command(isCluster ? 'SPUBLISH' : 'PUBLISH', channel, message),
    subscriber: {
      subscribe: (
        /** @type {string} */ channel,
        /** @type {(text: string) => void} */ listener,
      ) => {
        listeners.set(channel, listener);
        return subscribe(channel);
      },
      subscribeBroadcast: (
        /** @type {string} */ channel,
        /** @type {(text: string) => void} */ listener,
      ) => {
        listeners.set(channel, listener);
        broadcasts.add(channel);
        return subscribe(channel);
      },
      unsubscribe: (/** @type {string} */ channel) => {
        listeners.delete(channel);
        return of(channel)?.command(isCluster ? 'SUNSUBSCRIBE' : 'UNSUBSCRIBE', channel);
      },
      onResumed: () => () => {},
    },
  };
  return link;
}

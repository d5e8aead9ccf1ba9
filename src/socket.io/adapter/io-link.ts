import { Logger } from '@nestjs/common';
import type { ClusterMessage, ClusterResponse } from 'socket.io-adapter';
import type { ClusterBus } from '../../bus/cluster-bus.js';
import type { Subscription } from '../../bus/subscribe/event-context.interface.js';
import { deferred } from '../../system/async/deferred.js';
import { RecentMap } from '../../system/collections/recent-map.js';
import { LogLimiter } from '../../system/log-limiter.js';
import { type BinaryJson, fromBinaryJson, toBinaryJson } from './binary-json.js';
import { socketIoMessages } from '../socket-io.messages.js';
import { adapterId, linkOf, newLinkId, type NodeWorker, workerOf } from './node-id.js';

/** The maximum number of exited workers that are remembered. */
const REMEMBERED_WORKERS = 1_000;

/** Milliseconds to wait at boot until the other workers have named their adapters. */
const HELLO_TIMEOUT = 1_000;

/** The adapter of one namespace. @internal */
export interface LinkedAdapter {
  readonly namespace: string;
  readonly id: string;
  onMessage(message: ClusterMessage): void;
  onResponse(response: ClusterResponse): void;
  /** Notes that another adapter is there. */
  onNode(id: string): void;
  /** Called when adapters have ended without a message. */
  onGone(isGone: (id: string) => boolean): void;
}

/** The name of an adapter in the answer to a hello. */
interface AdapterName {
  readonly id: string;
  readonly namespace: string;
}

/** The part of the bus that is used here. @internal */
export type LinkBus = Pick<
  ClusterBus,
  'member' | 'emit' | 'publish' | 'subscribe' | 'answer' | 'ask'
>;

/**
 * Carries the messages between the adapters of one server of Socket.IO in all workers, over the bus.
 *
 * @internal
 */
export class IoLink {
  readonly #logger = new Logger('ClusterSocketIo');
  readonly #limiter = new LogLimiter();
  readonly topic: string;
  readonly #adapters = new Map<string, LinkedAdapter>();
  readonly #self: NodeWorker;
  readonly #id: string;
  readonly #exited = new RecentMap<number, true>(REMEMBERED_WORKERS);
  readonly #subscriptions: readonly Promise<Subscription>[];
  readonly #opened: Promise<unknown>;
  #lastNumber = 0;
  #isActive = false;
  readonly #activated = deferred();
  /** Resolves when this worker receives messages and takes part. A spare does not. */
  readonly active: Promise<unknown>;

  /**
   * @param name identifies the server among those of a worker; the same in all workers
   */
  constructor(
    private readonly bus: LinkBus,
    name: string,
  ) {
    const { host, id } = bus.member;
    this.#self = { host, worker: id };
    this.#id = newLinkId(this.#self);
    this.topic = `socket.io ${encodeURIComponent(name).replaceAll('*', '%2A')}`;
    this.#subscriptions = this.#subscribe();
    this.#opened = Promise.all(this.#subscriptions);
    this.#opened.catch(() => {});
    // It takes part even if the bus has refused a subscription: `ready()` reports that.
    this.active = Promise.allSettled([this.#opened, this.#activated.promise]);
  }

  /** Begins to take part: called when the worker has a slot. */
  activate(): void {
    this.#isActive = true;
    this.#activated.resolve();
  }

  /** Returns the id of a new adapter. It leads to this worker. */
  newId(): string {
    return adapterId(this.#id, ++this.#lastNumber);
  }

  /** Adds the adapter of a namespace. @returns a function that removes it */
  add(adapter: LinkedAdapter): () => void {
    this.#adapters.set(adapter.namespace, adapter);
    return () => {
      if (this.#adapters.get(adapter.namespace) === adapter) {
        this.#adapters.delete(adapter.namespace);
      }
    };
  }

  /** Resolves when this worker receives messages and, if it takes part, knows the adapters of the others. */
  async ready(): Promise<void> {
    await this.#opened;
    if (!this.#isActive) {
      return;
    }
    // Without an answer, the heartbeats of the others tell which adapters there are.
    const { replies } = await this.bus
      .ask<readonly AdapterName[]>(this.topic, null, { timeout: HELLO_TIMEOUT })
      .catch(() => ({ replies: [] }));
    for (const { id, namespace } of replies.flatMap(({ value }) => value)) {
      this.#adapters.get(namespace)?.onNode(id);
    }
  }

  publish(message: ClusterMessage): void {
    this.#emit(this.topic, message);
  }

  respond(requester: string, response: ClusterResponse): void {
    this.#emit(`${this.topic} to ${linkOf(requester)}`, response);
  }

  /** Called when a worker of this host has exited. The end of its adapters would otherwise be noticed only later. */
  onWorkerExited(worker: number): void {
    this.#exited.set(worker, true);
    this.#adapters.forEach(adapter => adapter.onGone(id => this.#hasExited(id)));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#subscriptions.map(async each => (await each).unsubscribe()));
  }

  #subscribe(): readonly Promise<Subscription>[] {
    const { bus, topic } = this;
    return [
      bus.subscribe<BinaryJson>(topic, json => this.#onMessage(json)),
      bus.subscribe<BinaryJson>(`${topic} to ${this.#id}`, json => this.#onResponse(json)),
      bus.answer(topic, () => (this.#isActive ? this.#names : [])),
    ];
  }

  #emit(topic: string, message: unknown): void {
    let json: BinaryJson;
    try {
      json = toBinaryJson(message);
    } catch (error) {
      this.#limiter.log((error as Error).message, () =>
        this.#logger.error(socketIoMessages.notEncoded(error)),
      );
      return;
    }
    this.bus.emit(topic, json, { self: false });
  }

  get #names(): AdapterName[] {
    return [...this.#adapters.values()].map(({ id, namespace }) => ({ id, namespace }));
  }

  #onMessage(json: BinaryJson): void {
    if (!this.#isActive) {
      return;
    }
    const message = fromBinaryJson(json) as ClusterMessage;
    const adapter = this.#adapters.get(message.nsp);
    adapter?.onMessage(message);
    if (this.#hasExited(message.uid)) {
      // Its last messages have arrived after its exit was reported.
      adapter?.onGone(id => this.#hasExited(id));
    }
  }

  #onResponse(json: BinaryJson): void {
    const response = fromBinaryJson(json) as ClusterResponse;
    this.#adapters.get(response.nsp)?.onResponse(response);
  }

  #hasExited(id: string): boolean {
    const node = workerOf(id);
    return node?.host === this.#self.host && this.#exited.get(node.worker) === true;
  }
}

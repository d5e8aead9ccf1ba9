import type { CacheReport, WorkerReport } from '../overview.protocol.js';
import { WorkerTopics } from './worker-topics.js';

/** A worker with a dashboard, and what it has reported. @internal */
export class WorkerRecord {
  readonly topics = new WorkerTopics();
  connections: WorkerReport['connections'] | undefined;
  clients: readonly string[] = [];
  /** By name: the reads of each cache. */
  readonly caches = new Map<string, CacheReport>();
  /** Whether it has reported in the last round. */
  isKnown = false;
  /** The number of the last question, and of the last one that it has answered. */
  asked = 0;
  answered = 0;

  /** @param worker Node's id of the worker */
  constructor(readonly worker: number) {}

  /** Whether it has answered all questions. A worker that does not answer is not asked again. */
  get isReachable(): boolean {
    return this.answered >= this.asked;
  }

  take(round: number, { connections, clients, caches, topics, at }: WorkerReport): void {
    this.answered = Math.max(this.answered, round);
    this.connections = connections;
    this.clients = clients;
    caches.forEach(cache => this.caches.set(cache[0], cache));
    if (topics) {
      this.topics.take(topics, at);
    } else {
      this.topics.pause();
    }
  }
}

import type { PrimaryService, ServiceClient } from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import {
  type DeadClient,
  stateProtocol,
  type StateQuestions,
  type StateToPrimary,
  type StateToWorker,
} from '../backends/ipc/state.protocol.js';
import { RecentMap } from '../../system/collections/recent-map.js';
import type { OnceMark } from '../once-marks.js';
import { PARTITIONS } from '../partition.js';
import { MemoryBackend } from '../backends/memory/memory-backend.js';
import { MemoryBudget } from '../backends/memory/memory-budget.js';
import type { OnAppend } from '../backends/memory/memory-histories.js';

/** The maximum number of dead clients that are remembered: the locks of others expire. */
const MAX_DEAD = 1_000;

type WorkerClient = ServiceClient<StateToWorker>;

/**
 * The shared state in the primary: runs the memory backend, and has the locks of dead workers released.
 *
 * @internal
 */
export class StateServer implements PrimaryService<StateToPrimary, StateToWorker, StateQuestions> {
  readonly protocol = stateProtocol;
  readonly #backend: MemoryBackend;
  readonly #clients = new Map<string, WorkerClient>();
  /** For each client with locks in Redis: one key of each partition in which it may hold locks. */
  readonly #keys = new Map<string, string[]>();
  readonly #ready = new Set<WorkerClient>();
  /** Dead clients whose locks no worker has released yet. */
  readonly #dead = new RecentMap<string, DeadClient>(MAX_DEAD);

  constructor(onAppend: OnAppend, budget = new MemoryBudget()) {
    this.#backend = new MemoryBackend(
      (client, grant) => void this.#clients.get(client)?.send({ type: 'grant', client, grant }),
      onAppend,
      undefined,
      budget,
    );
  }

  /** Stores what the primary knows to be done, before workers ask. */
  note(marks: Iterable<OnceMark>): void {
    const operations = [...marks].map(({ text, ...place }) => ({
      name: 'set' as const,
      value: text,
      ...place,
    }));
    const lane = { partition: 0, lane: 'once-marks', sequence: 1, replicas: 0 };
    this.#backend.execute({ ...lane, deadline: Infinity, operations });
  }

  onQuestion(worker: WorkerClient, question: QuestionOf<StateQuestions>): void | Promise<void> {
    switch (question.name) {
      case 'execute':
        this.#clients.set(question.params.client, worker);
        return question.answer(this.#backend.execute(question.params.batch));
      case 'recall': {
        const { place, at } = question.params;
        return question.answer(this.#backend.recall(place, at));
      }
      case 'scan': {
        const { prefix, cursor } = question.params;
        return question.answer(this.#backend.scan(prefix, cursor));
      }
      case 'inspectState':
        return this.#backend.inspector.inspect().then(question.answer);
      case 'peekState': {
        const { kind, key } = question.params;
        return this.#backend.inspector.peek(kind, key).then(question.answer);
      }
    }
  }

  onMessage(worker: WorkerClient, message: StateToPrimary): void {
    if (message.type === 'client') {
      this.#noteClient(worker, message.client, message.key);
      return;
    }
    this.#dead.delete(message.client);
    if (this.#clients.get(message.client) === worker) {
      this.#forget(message.client);
    }
  }

  #noteClient(worker: WorkerClient, client: string, key: string | undefined): void {
    this.#clients.set(client, worker);
    const keys = this.#keys.get(client) ?? [];
    this.#keys.set(client, keys);
    // One key for each partition is enough. More are a mistake of the worker, and must not fill the memory.
    if (key !== undefined && keys.length < PARTITIONS && !keys.includes(key)) {
      keys.push(key);
    }
  }

  onReady(worker: WorkerClient): void {
    this.#ready.add(worker);
    for (const [, dead] of this.#dead.entries()) {
      void worker.send({ type: 'clientDied', dead });
    }
  }

  /** A draining worker may close its connection at any time, so it does not release locks of others. */
  onDraining(worker: WorkerClient): void {
    this.#ready.delete(worker);
  }

  onExited(worker: WorkerClient): void {
    this.#ready.delete(worker);
    for (const [client, owner] of this.#clients) {
      if (owner === worker) {
        this.#onClientDied(client);
      }
    }
  }

  #onClientDied(client: string): void {
    const keys = this.#forget(client);
    if (!keys) {
      return;
    }
    const dead = { client, keys };
    // A worker that has held no lock leaves nothing to release, and the ready workers know that it has ended.
    if (keys.length > 0 || this.#ready.size === 0) {
      this.#dead.set(client, dead);
    }
    // Sent to all ready workers, because a single one might die before it has released the locks. If all of them do, the
    // next one to be ready gets it.
    this.#ready.forEach(worker => void worker.send({ type: 'clientDied', dead }));
  }

  /** Releases the locks of a client in this process. @returns the keys where it may hold locks in Redis */
  #forget(client: string): readonly string[] | undefined {
    this.#clients.delete(client);
    this.#backend.releaseLocksOf(client);
    const keys = this.#keys.get(client);
    this.#keys.delete(client);
    return keys;
  }
}

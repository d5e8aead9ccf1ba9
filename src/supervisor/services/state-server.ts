import { PARTITIONS } from '../../state/partition.js';
import { MemoryBackend } from '../../state/backends/memory/memory-backend.js';
import { MemoryBudget } from '../../state/backends/memory/memory-budget.js';
import type { OnAppend } from '../../state/backends/memory/memory-histories.js';
import type { Estate, Question } from '../../ipc/messages.js';
import type { WorkerHandle } from '../workers/worker-handle.js';

/**
 * The shared state as far as it is the primary's: it is the memory of the workers, and knows when one of
 * them is gone, and others need not wait for what it held.
 *
 * @internal
 */
export class StateDesk {
  readonly #backend: MemoryBackend;
  readonly #clients = new Map<string, WorkerHandle>();
  /** Of each client that is to be buried by others, a key of each partition where it may hold locks. */
  readonly #keys = new Map<string, string[]>();
  readonly #ready = new Set<WorkerHandle>();
  /** Nobody has been there to see to these. */
  #estates: Estate[] = [];

  constructor(
    onAppend: OnAppend,
    readonly budget = new MemoryBudget(),
  ) {
    this.#backend = new MemoryBackend(
      (client, grant) => void this.#clients.get(client)?.send({ type: 'grant', client, grant }),
      onAppend,
      undefined,
      budget,
    );
  }

  answer(worker: WorkerHandle, question: Extract<Question, { name: 'execute' | 'recall' }>): void {
    if (question.name === 'recall') {
      const { place, at } = question.asks;
      question.answer(this.#backend.recall(place, at));
    } else {
      this.#clients.set(question.asks.client, worker);
      question.answer(this.#backend.execute(question.asks.batch));
    }
  }

  /** Others are to be told when a client of a worker is gone, and where it may have held locks in Redis. */
  noteClient(worker: WorkerHandle, client: string, key?: string): void {
    this.#clients.set(client, worker);
    const keys = this.#keys.get(client) ?? [];
    this.#keys.set(client, keys);
    // One for each partition is enough: what comes beside is a mistake of the worker's, and is not to fill the memory.
    if (key !== undefined && keys.length < PARTITIONS && !keys.includes(key)) {
      keys.push(key);
    }
  }

  ready(worker: WorkerHandle): void {
    this.#ready.add(worker);
    this.#estates.forEach(estate => void worker.send({ type: 'bury', estate }));
    this.#estates = [];
  }

  /** It may close its connection any moment: what others leave is not for it to see to. */
  leaves(worker: WorkerHandle): void {
    this.#ready.delete(worker);
  }

  exited(worker: WorkerHandle): void {
    this.#ready.delete(worker);
    for (const [client, owner] of this.#clients) {
      if (owner === worker) {
        this.#bury(client);
      }
    }
  }

  #bury(client: string): void {
    this.#clients.delete(client);
    this.#backend.bury(client);
    const keys = this.#keys.get(client);
    this.#keys.delete(client);
    if (!keys) {
      return;
    }
    const estate = { client, keys };
    if (this.#ready.size === 0) {
      this.#estates.push(estate);
    }
    // More than one: whoever gets it may be the next to go.
    this.#ready.forEach(heir => void heir.send({ type: 'bury', estate }));
  }
}

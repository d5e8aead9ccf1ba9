import { NO_SLOT } from '../../model/host-status.interface.js';
import { BusHub } from '../../bus/transports/memory/bus-hub.js';
import { publishKept } from '../../bus/transports/memory/publish-durable.js';
import { POSITION_BYTES, textBytes } from '../../state/backends/memory/structures/byte-sizes.js';
import { MemoryBudget } from '../../state/backends/memory/memory-budget.js';
import type { BusRequest, Positions, Question } from '../../ipc/messages.js';
import { Outbox } from '../workers/send-buffer.js';
import type { WorkerHandle } from '../workers/worker-handle.js';

/**
 * The bus as far as it is the primary's: it brings the workers what they say to each other, and keeps for
 * each slot how far its worker has got.
 *
 * @internal
 */
export class BusDesk {
  readonly #hub = new BusHub();
  readonly #outboxes = new Map<WorkerHandle, Outbox>();
  readonly #members = new Map<string, WorkerHandle>();
  /** By slot, of the worker that was the last one to begin there; spares have their own. */
  readonly #positions = new Map<number | WorkerHandle, KeptPositions>();

  constructor(
    private readonly maxQueueBytes: number,
    private readonly budget = new MemoryBudget(),
  ) {}

  answer(worker: WorkerHandle, question: Extract<Question, { name: 'bus' | 'positions' }>): void {
    if (question.name === 'positions') {
      question.answer(this.#handDown(worker));
    } else {
      this.#carryOut(worker, question.asks);
      question.answer(question.asks.what === 'members' ? this.#hub.cards : []);
    }
  }

  /** The memory has kept an event. */
  append(topic: string, position: string, event: string): void {
    publishKept(this.#hub, topic, position, event);
  }

  /**
   * One that has a successor already, which goes its own way, tells nothing new; unless that has failed, and it
   * serves on. While it drains, it may skip what it has no time for.
   */
  keepPositions(worker: WorkerHandle, positions: Positions): void {
    const kept = this.#positions.get(placeOf(worker));
    if (kept && (kept.worker === worker || (kept.worker.exit && worker.state !== 'draining'))) {
      kept.worker = worker;
      kept.add(positions);
    }
  }

  /** A spare has got a place: from now on it is the one that others take over from there. */
  promoted(worker: WorkerHandle): void {
    const kept = this.#positions.get(worker);
    if (kept) {
      this.#positions.delete(worker);
      this.#drop(worker.slot);
      this.#positions.set(worker.slot, kept);
    }
  }

  /** There is no such slot any more: a worker that gets one of this number later has no predecessor. */
  slotClosed(slot: number): void {
    this.#drop(slot);
  }

  exited(worker: WorkerHandle): void {
    this.#outboxes.get(worker)?.close();
    this.#outboxes.delete(worker);
    this.#drop(worker);
    for (const [member, owner] of this.#members) {
      if (owner === worker) {
        this.#members.delete(member);
        this.#hub.leave(member);
      }
    }
  }

  #handDown(worker: WorkerHandle): Positions {
    const place = placeOf(worker);
    const kept = this.#positions.get(place) ?? new KeptPositions(worker, this.budget);
    // What has ended asks no more; its question is late, and its slot may be closed by now.
    if (!worker.exit) {
      kept.worker = worker;
      this.#positions.set(place, kept);
    }
    return kept.all;
  }

  #drop(place: number | WorkerHandle): void {
    this.#positions.get(place)?.drop();
    this.#positions.delete(place);
  }

  #carryOut(worker: WorkerHandle, request: BusRequest): void {
    switch (request.what) {
      case 'join':
        this.#join(worker, request);
        break;
      case 'announce':
        this.#hub.announce(request.card);
        break;
      case 'leave':
        this.#members.delete(request.member);
        this.#hub.leave(request.member);
        break;
      case 'subscribe':
        this.#hub.subscribe(request.member, request.channel);
        break;
      case 'unsubscribe':
        this.#hub.unsubscribe(request.member, request.channel);
        break;
      case 'publish':
        this.#hub.publish(request.channel, request.text, request.mark);
        break;
      case 'members':
        break;
    }
  }

  #join(worker: WorkerHandle, { card }: Extract<BusRequest, { what: 'join' }>): void {
    const { member } = card;
    const outbox =
      this.#outboxes.get(worker) ?? new Outbox(worker, this.maxQueueBytes, this.budget);
    this.#outboxes.set(worker, outbox);
    this.#members.set(member, worker);
    this.#hub.join(card, {
      deliver: (channel, text, mark) => outbox.put(member, channel, text, mark),
      tell: change => void worker.send({ type: 'member', member, change }),
    });
  }
}

/** Of more topics than this, those that were read the longest ago are forgotten. */
const MAX_TOPICS = 10_000;

/** How far the worker that was the last one to begin at some place has got. */
class KeptPositions {
  /** What was read last stands at the end. */
  readonly #positions = new Map<string, string>();
  #bytes = 0;

  constructor(
    public worker: WorkerHandle,
    private readonly budget: MemoryBudget,
  ) {}

  get all(): Positions {
    return Object.fromEntries(this.#positions);
  }

  add(positions: Positions): void {
    for (const [topic, position] of Object.entries(positions)) {
      this.#delete(topic);
      this.#positions.set(topic, position);
      this.#account(POSITION_BYTES + textBytes(topic));
      if (this.#positions.size > MAX_TOPICS) {
        this.#delete(this.#positions.keys().next().value!);
      }
    }
  }

  drop(): void {
    this.#positions.clear();
    this.#account(-this.#bytes);
  }

  #delete(topic: string): void {
    if (this.#positions.delete(topic)) {
      this.#account(-POSITION_BYTES - textBytes(topic));
    }
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    this.budget.add(bytes);
  }
}

/** What a spare has read is nothing that another spare could take over: each has heard everything itself. */
function placeOf(worker: WorkerHandle): number | WorkerHandle {
  return worker.slot === NO_SLOT ? worker : worker.slot;
}

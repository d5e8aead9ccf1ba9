import { NO_SLOT } from '../events/worker-facts.js';
import { BusHub } from '../bus/memory/bus-hub.js';
import { publishKept } from '../bus/memory/kept-publication.js';
import type { BusRequest, Positions, Question } from '../wire/messages.js';
import { Outbox } from './outbox.js';
import type { WorkerHandle } from './worker-handle.js';

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

  constructor(private readonly maxQueueBytes: number) {}

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
      kept.positions = { ...kept.positions, ...positions };
    }
  }

  /** A spare has got a place: from now on it is the one that others take over from there. */
  promoted(worker: WorkerHandle): void {
    const kept = this.#positions.get(worker);
    if (kept) {
      this.#positions.delete(worker);
      this.#positions.set(worker.slot, kept);
    }
  }

  /** There is no such slot any more: a worker that gets one of this number later has no predecessor. */
  slotClosed(slot: number): void {
    this.#positions.delete(slot);
  }

  exited(worker: WorkerHandle): void {
    this.#outboxes.delete(worker);
    this.#positions.delete(worker);
    for (const [member, owner] of this.#members) {
      if (owner === worker) {
        this.#members.delete(member);
        this.#hub.leave(member);
      }
    }
  }

  #handDown(worker: WorkerHandle): Positions {
    const place = placeOf(worker);
    const positions = this.#positions.get(place)?.positions ?? {};
    if (worker.exit) {
      // What it has asked before arrives after its end; its slot may be closed by now.
      return positions;
    }
    this.#positions.set(place, { worker, positions });
    return positions;
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
    const outbox = this.#outboxes.get(worker) ?? new Outbox(worker, this.maxQueueBytes);
    this.#outboxes.set(worker, outbox);
    this.#members.set(member, worker);
    this.#hub.join(card, {
      deliver: (channel, text, mark) => outbox.put(member, channel, text, mark),
      tell: change => void worker.send({ type: 'member', member, change }),
    });
  }
}

interface KeptPositions {
  worker: WorkerHandle;
  positions: Positions;
}

/** What a spare has read is nothing that another spare could take over: each has heard everything itself. */
function placeOf(worker: WorkerHandle): number | WorkerHandle {
  return worker.slot === NO_SLOT ? worker : worker.slot;
}

import { NO_SLOT } from '../../model/host-status.interface.js';
import { BusHub } from '../transports/memory/bus-hub.js';
import { publishDurable } from '../transports/memory/publish-durable.js';
import { OFFSET_BYTES, textBytes } from '../../state/backends/memory/structures/byte-sizes.js';
import { MemoryBudget } from '../../state/backends/memory/memory-budget.js';
import type { PrimaryService, ServiceClient } from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import {
  busProtocol,
  type BusQuestions,
  type BusRequest,
  type BusToPrimary,
  type BusToWorker,
  type Offsets,
} from '../transports/ipc/bus.protocol.js';
import { SendBuffer } from './send-buffer.js';

type WorkerClient = ServiceClient<BusToWorker>;

/**
 * The bus as far as it is the primary's: it brings the workers what they say to each other, and keeps for
 * each slot how far its worker has got.
 *
 * @internal
 */
export class BusBroker implements PrimaryService<BusToPrimary, BusToWorker, BusQuestions> {
  readonly protocol = busProtocol;
  readonly #hub = new BusHub();
  readonly #buffers = new Map<WorkerClient, SendBuffer>();
  readonly #members = new Map<string, WorkerClient>();
  /** By slot, of the worker that was the last one to begin there; spares have their own. */
  readonly #offsets = new Map<number | WorkerClient, RetainedOffsets>();

  constructor(
    private readonly maxQueueBytes: number,
    private readonly budget = new MemoryBudget(),
  ) {}

  onQuestion(worker: WorkerClient, question: QuestionOf<BusQuestions>): void {
    if (question.name === 'offsets') {
      question.answer(this.#handDown(worker));
    } else {
      this.#carryOut(worker, question.params);
      question.answer(question.params.what === 'members' ? this.#hub.infos : []);
    }
  }

  /** The memory has kept an event. */
  append(topic: string, offset: string, event: string): void {
    publishDurable(this.#hub, topic, offset, event);
  }

  /**
   * One that has a successor already, which goes its own way, tells nothing new; unless that has failed, and it
   * serves on. While it drains, it may skip what it has no time for.
   */
  onMessage(worker: WorkerClient, { offsets }: BusToPrimary): void {
    const kept = this.#offsets.get(placeOf(worker));
    if (
      kept &&
      (kept.worker === worker || (kept.worker.state === 'exited' && worker.state !== 'draining'))
    ) {
      kept.worker = worker;
      kept.add(offsets);
    }
  }

  /** A spare has got a place: from now on it is the one that others take over from there. */
  onPromoted(worker: WorkerClient): void {
    const kept = this.#offsets.get(worker);
    if (kept) {
      this.#offsets.delete(worker);
      this.#drop(worker.slot);
      this.#offsets.set(worker.slot, kept);
    }
  }

  /** There is no such slot any more: a worker that gets one of this number later has no predecessor. */
  onSlotClosed(slot: number): void {
    this.#drop(slot);
  }

  onExited(worker: WorkerClient): void {
    this.#buffers.get(worker)?.close();
    this.#buffers.delete(worker);
    this.#drop(worker);
    for (const [member, owner] of this.#members) {
      if (owner === worker) {
        this.#members.delete(member);
        this.#hub.leave(member);
      }
    }
  }

  #handDown(worker: WorkerClient): Offsets {
    const place = placeOf(worker);
    const known = this.#offsets.get(place);
    if (known?.worker === worker) {
      // Another part of the same process has asked before: that one takes over, and this one begins.
      return {};
    }
    const kept = known ?? new RetainedOffsets(worker, this.budget);
    // What has ended asks no more; its question is late, and its slot may be closed by now.
    if (worker.state !== 'exited') {
      kept.worker = worker;
      this.#offsets.set(place, kept);
    }
    return kept.all;
  }

  #drop(place: number | WorkerClient): void {
    this.#offsets.get(place)?.drop();
    this.#offsets.delete(place);
  }

  #carryOut(worker: WorkerClient, request: BusRequest): void {
    switch (request.what) {
      case 'join':
        this.#join(worker, request);
        break;
      case 'announce':
        this.#hub.announce(request.info);
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

  #join(worker: WorkerClient, { info }: Extract<BusRequest, { what: 'join' }>): void {
    const { member } = info;
    const buffer =
      this.#buffers.get(worker) ?? new SendBuffer(worker, this.maxQueueBytes, this.budget);
    this.#buffers.set(worker, buffer);
    this.#members.set(member, worker);
    this.#hub.join(info, {
      deliver: (channel, text, mark) => buffer.put(member, channel, text, mark),
      tell: change => void worker.send({ type: 'member', member, change }),
    });
  }
}

/** Of more topics than this, those that were read the longest ago are forgotten. */
const MAX_TOPICS = 10_000;

/** How far the worker that was the last one to begin at some place has got. */
class RetainedOffsets {
  /** What was read last stands at the end. */
  readonly #offsets = new Map<string, string>();
  #bytes = 0;

  constructor(
    public worker: WorkerClient,
    private readonly budget: MemoryBudget,
  ) {}

  get all(): Offsets {
    return Object.fromEntries(this.#offsets);
  }

  add(offsets: Offsets): void {
    for (const [topic, offset] of Object.entries(offsets)) {
      this.#delete(topic);
      this.#offsets.set(topic, offset);
      this.#account(OFFSET_BYTES + textBytes(topic));
      if (this.#offsets.size > MAX_TOPICS) {
        this.#delete(this.#offsets.keys().next().value!);
      }
    }
  }

  drop(): void {
    this.#offsets.clear();
    this.#account(-this.#bytes);
  }

  #delete(topic: string): void {
    if (this.#offsets.delete(topic)) {
      this.#account(-OFFSET_BYTES - textBytes(topic));
    }
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    this.budget.add(bytes);
  }
}

/** What a spare has read is nothing that another spare could take over: each has heard everything itself. */
function placeOf(worker: WorkerClient): number | WorkerClient {
  return worker.slot === NO_SLOT ? worker : worker.slot;
}

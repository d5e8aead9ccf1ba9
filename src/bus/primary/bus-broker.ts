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
 * The bus in the primary: delivers messages between workers, and stores the consumer offsets of each slot for the
 * successors.
 *
 * @internal
 */
export class BusBroker implements PrimaryService<BusToPrimary, BusToWorker, BusQuestions> {
  readonly protocol = busProtocol;
  readonly #hub = new BusHub();
  readonly #buffers = new Map<WorkerClient, SendBuffer>();
  readonly #members = new Map<string, WorkerClient>();
  /** Offsets by slot, from the worker that started there last. Spares have their own. */
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

  /** Called when the memory backend has stored an event. */
  append(topic: string, offset: string, event: string): void {
    publishDurable(this.#hub, topic, offset, event);
  }

  /**
   * Ignores the offsets of a worker whose successor has started, unless that successor has failed. A draining worker
   * may report offsets of events that it skipped for lack of time.
   */
  onMessage(worker: WorkerClient, { offsets }: BusToPrimary): void {
    const retained = this.#offsets.get(placeOf(worker));
    if (
      retained &&
      (retained.worker === worker ||
        (retained.worker.state === 'exited' && worker.state !== 'draining'))
    ) {
      retained.worker = worker;
      retained.add(offsets);
    }
  }

  /** Called when a spare gets a slot: its successors take over its offsets. */
  onPromoted(worker: WorkerClient): void {
    const retained = this.#offsets.get(worker);
    if (retained) {
      this.#offsets.delete(worker);
      this.#drop(worker.slot);
      this.#offsets.set(worker.slot, retained);
    }
  }

  /** Called when a slot is removed: a worker that later gets this number has no predecessor. */
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
      // Another application in the same process has taken the offsets over already. This one starts without.
      return {};
    }
    const retained = known ?? new RetainedOffsets(worker, this.budget);
    // A late question of an exited worker, whose slot may be removed by now.
    if (worker.state !== 'exited') {
      retained.worker = worker;
      this.#offsets.set(place, retained);
    }
    return retained.all;
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

/** The maximum number of topics; beyond it, the least recently read ones are dropped. */
const MAX_TOPICS = 10_000;

/** The offsets of the worker that started last in a slot. */
class RetainedOffsets {
  /** In the order of the last read, most recent last. */
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

/** Returns the key of the offsets. Spares do not take over from each other: each has received everything itself. */
function placeOf(worker: WorkerClient): number | WorkerClient {
  return worker.slot === NO_SLOT ? worker : worker.slot;
}

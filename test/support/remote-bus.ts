import type { AskResult, BusMember } from 'nestjs-cluster';
import type { BusBroker, ListenOptions, Manner } from '../fixtures/apps/bus/desk.js';
import type { FloodOptions, FloodReport } from '../fixtures/apps/bus/flood.js';
import type { Arrival, Tally } from '../fixtures/apps/bus/journal.js';
import { Application, type ApplicationOptions } from './application.js';
import { eventually } from './eventually.js';

/** Maximum milliseconds until a message arrives. */
const PATIENCE = 20_000;

/** Milliseconds between two questions to a worker. */
const PAUSE = 50;

/** The buses of all workers of an application. */
export class RemoteBus {
  static async ready(options: ApplicationOptions = {}): Promise<RemoteBus> {
    const app = await Application.ready('bus/remote', options);
    const bus = new RemoteBus(app);
    await app.until(() => bus.#ports.length >= Math.max(1, Number(app.env['CLUSTER_WORKERS'])));
    return bus;
  }

  readonly #members = new Map<number, RemoteMember>();

  constructor(readonly app: Application) {}

  /** The running workers, by slot. */
  get members(): RemoteMember[] {
    const gone = new Set(this.app.of('workerExited').map(({ pid }) => pid));
    return this.#ports
      .filter(({ pid }) => !gone.has(pid))
      .toSorted((one, other) => one.slot - other.slot)
      .map(({ pid, slot, port }) => {
        const member = this.#members.get(pid) ?? new RemoteMember(this.app, { pid, slot, port });
        this.#members.set(pid, member);
        return member;
      });
  }

  /** Subscribes in each worker. */
  subscribeAll(topic: string, options?: ListenOptions): Promise<RemoteInbox[]> {
    return Promise.all(this.members.map(member => member.subscribe(topic, options)));
  }

  /** Resolves with the replacement of a worker when it listens and the old worker has exited. */
  async successorOf({ slot, pid }: RemoteMember): Promise<RemoteMember> {
    const hasExited = (): boolean => this.app.of('workerExited').some(event => event.pid === pid);
    const find = (): RemoteMember | undefined => this.members.find(member => member.slot === slot);
    // A worker that leaves serves until its successor does, so the slot has two workers for a while.
    await this.app.until(() => hasExited() && find() !== undefined);
    return find()!;
  }

  get #ports(): { readonly pid: number; readonly slot: number; readonly port: number }[] {
    return this.app
      .noted('member')
      .map(({ pid, slot, port }) => ({ pid, slot: slot as number, port: port as number }));
  }
}

/** The bus of one worker. */
export class RemoteMember {
  readonly pid: number;
  readonly slot: number;
  readonly #port: number;

  constructor(
    readonly app: Application,
    { pid, slot, port }: { readonly pid: number; readonly slot: number; readonly port: number },
  ) {
    this.pid = pid;
    this.slot = slot;
    this.#port = port;
  }

  publish(topic: string, payload: unknown, options?: FloodOptions['publish']): Promise<void> {
    return this.call('publish', topic, payload, options);
  }

  async subscribe(topic: string, options: ListenOptions = {}): Promise<RemoteInbox> {
    return new RemoteInbox(this, await this.call('subscribe', topic, options), topic);
  }

  /** Resolves with a function that ends the handler. */
  async answer(topic: string, manner: Manner = 'echo'): Promise<() => Promise<void>> {
    const answer = await this.call('answer', topic, manner);
    return () => this.call('stopAnswering', answer);
  }

  ask<Answer>(
    topic: string,
    payload: unknown,
    options?: { timeout?: number },
  ): Promise<AskResult<Answer> & { took: number }> {
    return this.call('ask', topic, payload, options) as ReturnType<typeof this.ask<Answer>>;
  }

  /** Resolves when the worker has received this many requests. The handler does not answer them. */
  async untilAsked(topic: string, times = 1): Promise<void> {
    const asked = () =>
      this.app.noted('asked').filter(note => note.pid === this.pid && note['topic'] === topic);
    await this.app.until(() => asked().length >= times);
  }

  async flood(topic: string, options: FloodOptions = {}): Promise<RemoteFlood> {
    return new RemoteFlood(this, await this.call('startFlood', topic, options));
  }

  /** Resolves when the worker is blocked. Afterwards it publishes on a topic, if one is given. */
  async block(milliseconds: number, topic?: string): Promise<void> {
    const blocks = (): number =>
      this.app.noted('blocked').filter(({ pid }) => pid === this.pid).length;
    const before = blocks();
    await this.call('block', milliseconds, topic);
    await this.app.until(() => blocks() > before);
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Calls a method of the worker's `BusBroker`. */
  async call<Method extends keyof BusBroker>(
    method: Method,
    ...args: Parameters<BusBroker[Method]>
  ): Promise<Awaited<ReturnType<BusBroker[Method]>>> {
    const response = await fetch(`http://127.0.0.1:${this.#port}`, {
      method: 'POST',
      body: JSON.stringify([method, ...args]),
    });
    const { value, error } = (await response.json()) as {
      value: Awaited<ReturnType<BusBroker[Method]>>;
      error?: { code: string; message: string };
    };
    if (error) {
      throw Object.assign(new Error(error.message), { code: error.code });
    }
    return value;
  }
}

/** A subscription of a worker, and the events that it has received. */
export class RemoteInbox {
  constructor(
    readonly member: RemoteMember,
    private readonly id: number,
    private readonly topic: string,
  ) {}

  arrivals(): Promise<readonly Arrival[]> {
    return this.member.call('arrivals', this.id);
  }

  async payloads(): Promise<unknown[]> {
    return (await this.arrivals()).map(({ payload }) => payload);
  }

  tally(): Promise<Tally> {
    return this.member.call('tally', this.id);
  }

  /** Resolves with all events when this many have arrived. */
  async until(count: number, timeout = PATIENCE): Promise<readonly Arrival[]> {
    await this.untilTally(({ arrived }) => arrived >= count, timeout);
    return this.arrivals();
  }

  /** For few events only: all of them are compared each time. */
  async untilArrivals(
    condition: (arrivals: readonly Arrival[]) => boolean,
    timeout = PATIENCE,
  ): Promise<readonly Arrival[]> {
    let arrivals: readonly Arrival[] = [];
    await eventually(
      async () => condition((arrivals = await this.arrivals())),
      timeout,
      () => this.#explain(arrivals),
      PAUSE,
    );
    return arrivals;
  }

  async untilTally(condition: (tally: Tally) => boolean, timeout = PATIENCE): Promise<Tally> {
    let tally: Tally | undefined;
    await eventually(
      async () => condition((tally = await this.tally())),
      timeout,
      () => this.#explain(tally),
      PAUSE,
    );
    return tally!;
  }

  release(): Promise<void> {
    return this.member.call('release', this.id);
  }

  unsubscribe(): Promise<void> {
    return this.member.call('unsubscribe', this.id);
  }

  #explain(seen: unknown): string {
    const { slot, app } = this.member;
    return `${this.topic} in slot ${slot}: ${JSON.stringify(seen)}\n${app.output}`;
  }
}

/** Numbered events in flight. */
export class RemoteFlood {
  constructor(
    private readonly member: RemoteMember,
    private readonly id: number,
  ) {}

  finished(): Promise<FloodReport> {
    return this.member.call('finished', this.id);
  }

  stop(): Promise<FloodReport> {
    return this.member.call('stopFlood', this.id);
  }
}

/** Returns the given numbers of the events of a flood. */
export function numbersOf(arrivals: readonly Arrival[], by?: number): number[] {
  return arrivals
    .map(({ payload }) => payload as { readonly n: number; readonly by: number })
    .filter(payload => by === undefined || payload.by === by)
    .map(({ n }) => n);
}

/** Whether this is the worker that the bus names. */
export function isSame(member: RemoteMember, other: BusMember): boolean {
  return member.pid === other.pid && member.slot === other.slot;
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type {
  PrimaryService,
  ServiceClient,
  ServiceHost,
} from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import { ClientQuestions } from '../../ipc/client-questions.js';
import type { CommandOutcome } from '../../ipc/supervision.protocol.js';
import type { FleetReload } from '../../model/fleet-status.interface.js';
import type { ReloadResult } from '../../model/host-status.interface.js';
import { PACKAGE_VERSION } from '../../system/own-package.js';
import { type Clock, pause } from '../../system/time/clock.js';
import { BEAT } from '../fleet-names.js';
import {
  type FleetAnswer,
  type FleetAsk,
  fleetProtocol,
  type FleetQuestions,
  type FleetToPrimary,
  type FleetToWorker,
  type Order,
  type OrderAnswer,
} from '../fleet.protocol.js';
import type { HostFacts } from '../host-record.js';
import { endOfReload } from './end-of-reload.js';

/** Milliseconds without a beat after which another worker becomes the agent. */
const MAX_SILENCE = 2.5 * BEAT;

/** Milliseconds within which an agent must answer, before the next one is asked. */
const PATIENCE = 12_000;

/** Milliseconds between two looks for an agent. */
const RETRY = 100;

type Client = ServiceClient<FleetToWorker>;

/** @internal */
export interface FleetServiceDependencies {
  readonly mode: HostFacts['mode'];
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly reload: () => Promise<CommandOutcome<ReloadResult>>;
}

/**
 * Chooses the worker that speaks for this host in Redis, and carries out the orders to reload. The tokens of the orders
 * only grow: whoever orders with a lower one has lost the lock, and is refused.
 *
 * @internal
 */
export class FleetService implements PrimaryService<FleetToPrimary, FleetToWorker, FleetQuestions> {
  readonly protocol = fleetProtocol;
  readonly id = randomUUID();
  readonly #candidates = new Set<Client>();
  readonly #questions: ClientQuestions<Client, FleetAnswer>;
  #host: ServiceHost | undefined;
  #agent: Client | undefined;
  #beatAt = 0;
  #cancelWatch: (() => void) | undefined;
  #reload: FleetReload | undefined;
  /** The reload of all hosts to which `#reload` belongs. */
  #rollout = 0;

  constructor(private readonly deps: FleetServiceDependencies) {
    this.#questions = new ClientQuestions(deps.clock, PATIENCE);
  }

  onStart(host: ServiceHost): void {
    this.#host = host;
  }

  onMessage(client: Client, message: FleetToPrimary): void {
    switch (message.type) {
      case 'fleetCandidate':
        this.#candidates.add(client);
        return this.#choose();
      case 'fleetBeat':
        if (client === this.#agent) {
          this.#beatAt = this.deps.clock.now();
        }
        return;
      case 'fleetAnswered':
        this.#questions.answered(message.id, message.answer);
    }
  }

  onQuestion(_: Client, question: QuestionOf<FleetQuestions>): void {
    if (question.name === 'fleetSelf') {
      question.answer(this.#facts);
    } else {
      question.answer(this.#order(question.params));
    }
  }

  onDraining(client: Client): void {
    this.#remove(client);
  }

  onExited(client: Client): void {
    this.#remove(client);
  }

  /**
   * Asks the agent. If it does not answer, or ends, the next one is asked.
   *
   * @param timeout milliseconds after which no other agent is asked
   * @returns `undefined` if none answers
   */
  async ask(ask: FleetAsk, timeout: number): Promise<FleetAnswer | undefined> {
    const until = this.deps.clock.now() + timeout;
    do {
      const answer = this.#agent && (await this.#askAgent(this.#agent, ask));
      if (answer) {
        return answer;
      }
      await pause(this.deps.clock, RETRY);
    } while (this.deps.clock.now() < until);
    return undefined;
  }

  get #facts(): HostFacts {
    return {
      id: this.id,
      name: hostname(),
      pid: process.pid,
      version: PACKAGE_VERSION,
      mode: this.deps.mode,
      ...(this.#reload && { reload: this.#reload }),
    };
  }

  #order({ token, rollout = token }: Order): OrderAnswer {
    if (this.#host?.status().state === 'stopping') {
      return 'stopping';
    }
    if (token < (this.#reload?.token ?? 0)) {
      return 'stale';
    }
    if (this.#reload && rollout === this.#rollout) {
      // The same order comes again if its answer was lost: with a higher token if the lock was lost, too.
      if (token !== this.#reload.token) {
        this.#setReload({ ...this.#reload, token });
      }
    } else {
      this.#rollout = rollout;
      this.#setReload({ token, state: 'running' });
      void this.#reloadFor(rollout);
    }
    return 'accepted';
  }

  async #reloadFor(rollout: number): Promise<void> {
    const outcome = await this.deps.reload();
    if (this.#reload && rollout === this.#rollout) {
      this.#setReload(endOfReload(this.#reload.token, outcome));
    }
  }

  #setReload(reload: FleetReload): void {
    this.#reload = reload;
    void this.#agent?.send({ type: 'fleetDuty', facts: this.#facts });
  }

  #remove(client: Client): void {
    this.#candidates.delete(client);
    this.#questions.giveUp(client);
    if (client === this.#agent) {
      this.#agent = undefined;
      this.#choose();
    }
  }

  /** Chooses an agent if there is none, or the present one is silent. */
  #choose(): void {
    const { clock } = this.deps;
    const isSilent = this.#agent !== undefined && clock.now() - this.#beatAt > MAX_SILENCE;
    const others = [...this.#candidates].filter(client => client !== this.#agent);
    const next = others.toSorted((one, other) => one.slot - other.slot)[0];
    if (!next || (this.#agent && !isSilent)) {
      return this.#watch();
    }
    if (this.#agent) {
      void this.#agent.send({ type: 'fleetRest' });
      this.#questions.giveUp(this.#agent);
    }
    this.#agent = next;
    this.#beatAt = clock.now();
    void next.send({ type: 'fleetDuty', facts: this.#facts });
    this.#watch();
  }

  /** Looks later whether the agent is silent, as long as there is another candidate. */
  #watch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch =
      this.#candidates.size > 1
        ? this.deps.clock.after(MAX_SILENCE, () => this.#choose())
        : undefined;
  }

  #askAgent(agent: Client, ask: FleetAsk): Promise<FleetAnswer | undefined> {
    return this.#questions.ask(agent, id => agent.send({ type: 'fleetQuestion', id, ask }));
  }
}

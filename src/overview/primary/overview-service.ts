import type { PrimaryService, ServiceHost } from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import {
  overviewProtocol,
  type OverviewQuestions,
  type OverviewToPrimary,
  type OverviewToWorker,
} from '../overview.protocol.js';
import type { OverviewBoard } from './overview-board.js';
import type { OverviewClient, OverviewServiceDependencies } from './overview-service.interface.js';
import { Timeline } from './timeline.js';

/**
 * The facts of a host that the dashboard shows. It remembers the last lifecycle events from the start, and loads everything
 * else when the first worker with a dashboard announces itself.
 *
 * @internal
 */
export class OverviewService implements PrimaryService<
  OverviewToPrimary,
  OverviewToWorker,
  OverviewQuestions
> {
  readonly protocol = overviewProtocol;
  readonly #timeline = new Timeline();
  #host: ServiceHost | undefined;
  #loading: Promise<OverviewBoard> | undefined;
  #board: OverviewBoard | undefined;

  constructor(private readonly deps: OverviewServiceDependencies) {}

  onStart(host: ServiceHost): void {
    this.#host = host;
  }

  onEvent(event: ClusterEvent): void {
    this.#timeline.add(event, this.deps.factsOf);
  }

  onMessage(client: OverviewClient, message: OverviewToPrimary): void {
    this.#use(this.#load(), board => board.onMessage(client, message));
  }

  async onQuestion(client: OverviewClient, question: QuestionOf<OverviewQuestions>): Promise<void> {
    const board = this.#board ?? (await this.#load());
    board.onQuestion(client, question);
  }

  onExited(client: OverviewClient): void {
    this.#use(this.#loading, board => board.onExited(client));
  }

  /** In order: what waits for the board is done before anything else happens. */
  #use(loading: Promise<OverviewBoard> | undefined, task: (board: OverviewBoard) => void): void {
    if (this.#board) {
      task(this.#board);
    } else {
      // A question reports why it cannot be loaded.
      loading?.then(task).catch(() => {});
    }
  }

  #load(): Promise<OverviewBoard> {
    this.#loading ??= import('./overview-board.js').then(({ OverviewBoard: Loaded }) => {
      const status = (): ReturnType<ServiceHost['status']> => this.#host!.status();
      this.#board = new Loaded({ ...this.deps, status, timeline: this.#timeline });
      return this.#board;
    });
    return this.#loading;
  }
}

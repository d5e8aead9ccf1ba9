import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrimaryService, ServiceClient } from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import { printableError } from '../../system/text/printable.js';
import { ControlError } from '../control-error.js';
import type { ControlRequestName } from '../control-messages.js';
import { controlTexts } from '../control-text.js';
import {
  type WorkerRequest,
  type WorkerRequestAnswer,
  type WorkerRequestQuestions,
  type WorkerRequestReleased,
  workerRequestsProtocol,
} from '../worker-requests.protocol.js';

/** The name of the file in its directory. */
const PROFILE = 'profile.cpuprofile';

/**
 * Carries out a request, as for a client of the control socket.
 *
 * @param signal aborts when nobody waits for the result
 * @param caller the worker that waits for the result
 * @throws ControlError
 * @internal
 */
export type CarryOut = (
  name: ControlRequestName,
  params: object,
  signal: AbortSignal,
  caller: object,
) => Promise<unknown>;

type Client = ServiceClient<never>;

/** A request that its worker has not released. */
interface OpenRequest {
  readonly ending: AbortController;
  /** The private directory with its file. */
  directory?: string;
}

/**
 * Carries out what workers request: replacements, stacks and profiles. A profile is in a directory that only the user of
 * the host can open (0700). It is removed when its worker has released the request, or has exited.
 *
 * @internal
 */
export class WorkerRequests implements PrimaryService<
  WorkerRequestReleased,
  never,
  WorkerRequestQuestions
> {
  readonly protocol = workerRequestsProtocol;
  readonly #open = new Map<Client, Map<number, OpenRequest>>();

  constructor(
    private readonly carryOut: CarryOut,
    private readonly directory = tmpdir(),
  ) {}

  onMessage(client: Client, { id }: WorkerRequestReleased): void {
    this.#release(client, id);
  }

  onExited(client: Client): void {
    [...(this.#open.get(client)?.keys() ?? [])].forEach(id => this.#release(client, id));
    this.#open.delete(client);
  }

  async onQuestion(
    client: Client,
    { params: { id, request }, answer }: QuestionOf<WorkerRequestQuestions>,
  ): Promise<void> {
    // A message may arrive after the exit. Nobody would release what a number stands for twice.
    if (client.state === 'exited' || this.#open.get(client)?.has(id)) {
      return answer({ type: 'released' });
    }
    const open: OpenRequest = { ending: new AbortController() };
    const requests = this.#open.get(client) ?? new Map<number, OpenRequest>();
    this.#open.set(client, requests.set(id, open));
    const outcome = await this.#outcome(client, request, open);
    answer(outcome);
    if (open.ending.signal.aborted) {
      await removeFile(open);
    }
  }

  async #outcome(
    client: Client,
    request: WorkerRequest,
    open: OpenRequest,
  ): Promise<WorkerRequestAnswer> {
    const { signal } = open.ending;
    try {
      const value = await this.#carryOut(client, request, open);
      return signal.aborted ? { type: 'released' } : { type: 'done', value };
    } catch (error) {
      return { type: 'failed', failure: asControlError(request, error).toFailure() };
    }
  }

  async #carryOut(client: Client, request: WorkerRequest, open: OpenRequest): Promise<unknown> {
    const { name, ...params } = request;
    const { signal } = open.ending;
    if (name !== 'profile') {
      return this.carryOut(name, params, signal, client);
    }
    open.directory = await mkdtemp(join(this.directory, 'nestjs-cluster-profile-'));
    const file = join(open.directory, PROFILE);
    return this.carryOut('cpu', { ...params, file }, signal, client);
  }

  #release(client: Client, id: number): void {
    const requests = this.#open.get(client);
    const open = requests?.get(id);
    requests?.delete(id);
    open?.ending.abort();
    void (open && removeFile(open));
  }
}

function asControlError({ name }: WorkerRequest, error: unknown): ControlError {
  return error instanceof ControlError
    ? error
    : new ControlError('CONTROL_FAILED', controlTexts.failed(name, printableError(error)));
}

/** Never rejects. */
async function removeFile({ directory }: OpenRequest): Promise<void> {
  if (directory !== undefined) {
    await rm(directory, { recursive: true, force: true }).catch(() => {});
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { ApplicationUnderTest } from './verified-application.js';
import { ChaosRunner } from './chaos-runner.js';
import { CLIENT_KINDS, type ClientKind } from './load/clients/client-kind.js';
import { Kills } from './load/kills.js';
import { Load } from './load/load.js';
import type { LoadPlan } from './load/load-plan.interface.js';
import { Tally } from './load/tally.js';
import type { ConnectWebSocket } from './load/clients/connect-web-socket.js';
import type { VerifyResult } from './report/result.interface.js';
import { schedule } from './chaos-schedule.js';
import type { VerifySettings } from './settings/settings.interface.js';
import { VerificationError } from './verification.error.js';
import { verifyMessages } from './verify.messages.js';

/** Milliseconds in which V8 compiles the application and connections open; latencies are not measured yet. */
const WARM_UP_MILLISECONDS = 1_500;
/** Milliseconds for which latencies at rest are measured before the first disturbance. */
const FIRST_REST_MILLISECONDS = 1_500;
const LOOK_MILLISECONDS = 50;

/** Shows the progress as a short text. @internal */
export type Progress = (text: string) => void;

/**
 * Puts an application under load, disturbs it, and reports the outcomes of the requests.
 *
 * @internal
 */
export class Verification {
  readonly #kills = new Kills();
  readonly #tally = new Tally(this.#kills);
  readonly #problems: string[] = [];
  #chaosRunner: ChaosRunner | undefined;
  #url: URL | undefined;
  #workers = 0;
  #duration = 0;
  #interrupted = false;

  constructor(
    private readonly settings: VerifySettings,
    private readonly plan: LoadPlan,
    private readonly app: ApplicationUnderTest,
    private readonly connect: ConnectWebSocket | undefined,
    private readonly progress: Progress,
  ) {}

  /** Runs the verification, and stops the application. */
  async run(): Promise<VerifyResult> {
    try {
      await this.#untilReady();
      await this.#underLoad();
    } catch (error) {
      if (!(error instanceof VerificationError)) {
        throw error;
      }
      // A user who has interrupted the tool knows why the application has ended.
      if (!this.#interrupted) {
        this.#problems.push(error.message);
      }
    }
    this.progress('stopping the application');
    if ((await this.app.stop()) === 'killed') {
      this.#problems.push(verifyMessages.didNotStop());
    }
    return this.#result();
  }

  /** Ends the verification soon, and stops counting. */
  interrupt(signal: NodeJS.Signals): void {
    this.#interrupted = true;
    this.#problems.push(verifyMessages.interrupted(signal));
    this.#tally.close();
    this.app.signal('SIGTERM');
  }

  async #untilReady(): Promise<void> {
    const { app } = this;
    const { bootTimeout, kills } = this.settings;
    this.progress('waiting for the workers');
    await app.until(() => app.workers.isSettled, bootTimeout, verifyMessages.allReady());
    const { ready } = app.workers;
    this.#workers = ready.length;
    if (ready.includes(app.primary ?? 0)) {
      throw new VerificationError(verifyMessages.singleProcess());
    }
    if (kills > 0 && ready.length < 2) {
      throw new VerificationError(verifyMessages.fewWorkers());
    }
  }

  async #underLoad(): Promise<void> {
    const { settings, app } = this;
    const url = (this.#url = settings.url ?? listeningAt(app.address));
    const load = new Load(url, this.plan, this.#tally, this.connect);
    const begunAt = performance.now();
    load.start();
    try {
      this.progress('warming up');
      await delay(WARM_UP_MILLISECONDS);
      this.#tally.phase = 'rest';
      await delay(FIRST_REST_MILLISECONDS);
      const chaosRunner = new ChaosRunner(app, this.#tally, this.#kills, settings.reloadTimeout);
      this.#chaosRunner = chaosRunner;
      const steps = schedule({
        reload: settings.reloads,
        replacement: settings.replacements,
        kill: settings.kills,
      });
      for (const [index, step] of steps.entries()) {
        this.progress(`${step}, ${index + 1} of ${steps.length}`);
        await chaosRunner.disturb(step);
        await delay(settings.rest);
      }
      await this.#untilAnswered(settings.requests);
      for (const kind of await load.connected(settings.patience)) {
        const code = verifyMessages.notConnected();
        this.#tally.fail(kind, { kind: 'hung', code, reused: false });
      }
    } finally {
      this.#tally.phase = 'other';
      await load.stop();
      this.#duration = performance.now() - begunAt;
    }
  }

  async #untilAnswered(count: number): Promise<void> {
    const { patience } = this.settings;
    let last = { answered: this.#tally.answered, at: performance.now() };
    while (this.#tally.answered < count) {
      const { answered } = this.#tally;
      if (this.app.end !== undefined) {
        throw new VerificationError(
          verifyMessages.ended(this.app.end, verifyMessages.allAnswered()),
        );
      }
      this.progress(`${answered} of ${count} requests`);
      if (answered > last.answered) {
        last = { answered, at: performance.now() };
      } else if (performance.now() - last.at > patience) {
        throw new VerificationError(verifyMessages.noAnswers(patience));
      }
      await delay(LOOK_MILLISECONDS);
    }
  }

  #result(): VerifyResult {
    const { settings } = this;
    const clients = this.#tally.counts();
    const reloads = this.#chaosRunner?.reloads ?? [];
    const failed = Object.values(clients).some(({ failures }) =>
      Object.values(failures).some(count => count > 0),
    );
    return {
      passed:
        !failed &&
        this.#problems.length === 0 &&
        reloads.length === settings.reloads &&
        reloads.every(({ outcome }) => outcome === 'done'),
      command: settings.command,
      url: this.#url?.href ?? null,
      duration: this.#duration,
      workers: this.#workers,
      clients,
      leftOut: leftOut(settings),
      reloads,
      replacements: this.#chaosRunner?.replacements ?? 0,
      kills: this.#kills.count,
      failures: this.#tally.failures,
      problems: this.#problems,
    };
  }
}

function listeningAt(
  said: { readonly address: string | null; readonly port: number } | undefined,
): URL {
  const everywhere = [null, undefined, '::', '0.0.0.0'];
  const address = everywhere.includes(said?.address) ? '127.0.0.1' : said?.address;
  const host = address?.includes(':') ? `[${address}]` : address;
  return new URL(`http://${host}:${said?.port ?? process.env['PORT'] ?? 3000}`);
}

function leftOut({ uploadPath, ssePath, wsPath }: VerifySettings): ClientKind[] {
  const paths: Partial<Record<ClientKind, string | undefined>> = {
    upload: uploadPath,
    sse: ssePath,
    websocket: wsPath,
  };
  return CLIENT_KINDS.filter(kind => kind in paths && paths[kind] === undefined);
}

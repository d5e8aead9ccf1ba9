import type { ApplicationUnderTest } from './verified-application.js';
import type { LifecycleEvent } from './lifecycle-event.interface.js';
import type { Kills } from './load/kills.js';
import type { Tally } from './load/tally.js';
import type { ReloadRecord } from './report/result.interface.js';
import type { Disturbance } from './chaos-schedule.js';
import { VerificationError } from './verification.error.js';
import { verifyMessages } from './verify.messages.js';
import { steadyTime } from '../../system/time/steady-time.js';

/**
 * Reloads the application, stops workers and kills them. After each disturbance it waits until all workers are
 * ready again.
 *
 * @internal
 */
export class ChaosRunner {
  readonly reloads: ReloadRecord[] = [];
  #replacements = 0;

  constructor(
    private readonly app: Pick<ApplicationUnderTest, 'workers' | 'signal' | 'until'>,
    private readonly tally: Pick<Tally, 'phase'>,
    private readonly kills: Kills,
    private readonly timeout: number,
    private readonly random: () => number = Math.random,
    private readonly sendSignal: typeof process.kill = process.kill.bind(process),
  ) {}

  get replacements(): number {
    return this.#replacements;
  }

  /**
   * @throws VerificationError if the application does not recover
   */
  async disturb(what: Disturbance): Promise<void> {
    switch (what) {
      case 'reload':
        await this.#during('reload', () => this.#reload());
        break;
      case 'replacement':
        await this.#during('reload', () => this.#replace());
        break;
      case 'kill':
        await this.#during('other', () => this.#kill());
        break;
    }
  }

  async #during(phase: 'reload' | 'other', run: () => Promise<void>): Promise<void> {
    this.tally.phase = phase;
    try {
      await run();
    } finally {
      this.tally.phase = 'rest';
    }
  }

  async #reload(): Promise<void> {
    const askedAt = performance.now();
    let finished: LifecycleEvent | undefined;
    const ended = this.app.until(
      event => {
        finished ??= event?.type === 'reloadFinished' ? event : undefined;
        return finished !== undefined;
      },
      this.timeout,
      verifyMessages.reloadEnded(),
    );
    this.app.signal('SIGHUP');
    try {
      await ended;
    } catch (error) {
      this.reloads.push({ outcome: 'no answer', duration: performance.now() - askedAt });
      throw error;
    }
    const { outcome = 'no answer', duration = performance.now() - askedAt, error } = finished ?? {};
    this.reloads.push({ outcome, duration, ...(error !== undefined && { error }) });
    // Old workers may still be draining.
    await this.app.until(() => this.app.workers.isSettled, this.timeout, verifyMessages.allReady());
  }

  async #replace(): Promise<void> {
    await this.#endOne('SIGTERM', verifyMessages.replaced());
    this.#replacements++;
  }

  async #kill(): Promise<void> {
    this.kills.add(steadyTime());
    await this.#endOne('SIGKILL', verifyMessages.killedReplaced());
  }

  /** Ends one of the ready workers, and waits until as many workers are ready again. */
  async #endOne(signal: NodeJS.Signals, what: string): Promise<void> {
    const { workers } = this.app;
    const { ready } = workers;
    const victim = ready[Math.floor(this.random() * ready.length)];
    if (victim === undefined) {
      throw new VerificationError(verifyMessages.tooLate(verifyMessages.allReady(), 0));
    }
    this.sendSignal(victim, signal);
    await this.app.until(
      () => !workers.has(victim) && workers.isSettled && workers.ready.length >= ready.length,
      this.timeout,
      what,
    );
  }
}

import { logAs } from '../bootstrap/cluster-log-fields.js';
import { currentRole } from '../bootstrap/current-role.js';
import { endEarlySignals, takeEarlySignals } from '../bootstrap/early-signals.js';
import { WORKERS_VARIABLE } from '../config/option-rules.js';
import { type ResolvedClusterOptions, resolveOptions } from '../config/resolve-options.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Fork } from '../supervisor/node-cluster/worker-process.js';
import {
  type PreparedHost,
  prepareHost,
  releaseHost,
  whenSupervising,
} from '../supervisor/prepare-host.js';
import { runPrimary } from '../supervisor/run-primary.js';
import { exitProcess } from '../system/process/exit.js';
import { exitCodeOf, isFirstOfContainer } from '../system/process/signal-exit.js';
import { printableError } from '../system/text/printable.js';
import { ConsoleHostLogger } from './console-host-logger.js';
import { type FirstReport, forkFirst } from './first-worker.js';
import { defaultLogging } from './logging-data.js';
import type { OptionsData } from './options-data.js';
import { optionsFrom } from './options.protocol.js';
import { hasPassedOptions } from './primary-options.js';
import { RecordedWorker } from './recorded-worker.js';
import { startMessages } from './start.messages.js';

const NEVER = new Promise<never>(() => {});

/**
 * Makes this process the primary without loading the application: forks the first worker at once, takes the options from
 * it, and supervises the workers until the process ends.
 *
 * @returns only if this process has another role, the application must be loaded in the primary, or has been, and this
 *   program replaces it
 * @internal
 */
export async function startHost(): Promise<void> {
  const isReplaced = hasPassedOptions(process.env, process.pid);
  const options = isReplaced ? undefined : optionsOfEnvironment();
  if (options) {
    const logging = defaultLogging(options.logger === 'json', process.env);
    await new EarlyHost(options, new ConsoleHostLogger(logging)).run();
  }
}

/** Returns the options as far as the environment has them; `undefined` if this process does not become a primary. */
function optionsOfEnvironment(): ResolvedClusterOptions | undefined {
  try {
    return currentRole({}).role === 'primary' ? resolveOptions({}) : undefined;
  } catch {
    // The application reports invalid options when it is loaded.
    return undefined;
  }
}

/** A host whose options are not known yet. */
class EarlyHost {
  readonly #host: PreparedHost;
  #workers: readonly RecordedWorker[] = [];
  #isStopping = false;

  constructor(
    private readonly options: ResolvedClusterOptions,
    private readonly logs: ConsoleHostLogger,
  ) {
    logAs('primary');
    this.#host = prepareHost(options, logs);
  }

  /** Resolves if the application must be loaded in this process. */
  async run(): Promise<void> {
    const stop = (signal: NodeJS.Signals): void => void this.#stop(signal);
    takeEarlySignals({ SIGTERM: stop, SIGINT: stop });
    const first = forkFirst(this.#host.fork);
    this.#workers = [first.worker, ...this.#forkOthers()];
    this.#host.reaper.watch(this.#workers.map(({ pid }) => pid).filter(pid => pid > 0));
    const watch = this.#watch(first.worker);
    const report = await first.report;
    clearTimeout(watch);
    if (this.#isStopping) {
      return NEVER;
    }
    if (report.type === 'options') {
      await this.#supervise(report.options);
    } else {
      await this.#giveWay(report, first.worker.pid);
    }
  }

  /** The environment tells how many workers there are: the others need not wait for the options. */
  #forkOthers(): readonly RecordedWorker[] {
    const count = this.#givenWorkers ?? 1;
    return Array.from(
      { length: count - 1 },
      (_, place) =>
        new RecordedWorker(
          this.#host.fork({
            slot: place + 1,
            generation: 0,
            standsBy: false,
            isQuiet: true,
            earlyTask: 'wait',
          }),
        ),
    );
  }

  /** The number of workers that the environment sets. */
  get #givenWorkers(): number | undefined {
    return process.env[WORKERS_VARIABLE]?.trim() ? this.options.workers : undefined;
  }

  #watch(worker: RecordedWorker): NodeJS.Timeout {
    const { timeout } = this.options.boot;
    return setTimeout(() => {
      this.#log.warn(startMessages.silent(worker.pid, timeout));
      this.#workers.forEach(each => each.showOutput());
    }, timeout);
  }

  async #supervise(data: OptionsData): Promise<never> {
    const { options, logging } = optionsFrom(data);
    this.logs.use(logging);
    const surplus = this.#workers.slice(options.workers);
    try {
      runPrimary(options, this.logs, fork => adopting(this.#workers, fork));
    } catch (error) {
      this.#log.fatal(error instanceof ClusterConfigError ? error.message : printableError(error));
      await this.#endAll();
      exitProcess(1);
    }
    const given = this.#givenWorkers;
    if (given !== undefined && given !== options.workers) {
      this.#log.warn(startMessages.otherWorkers(given, options.workers));
    }
    surplus.forEach(worker => void worker.kill());
    return NEVER;
  }

  /** Ends the workers, so that the application can be loaded in this process. */
  async #giveWay(
    report: Exclude<FirstReport, { readonly type: 'options' }>,
    pid: number,
  ): Promise<void> {
    await this.#endAll();
    if (report.type === 'ended' && report.end.code === 0) {
      // A script, which has done its work.
      this.#workers[0]?.showOutput();
      exitProcess(0);
    }
    if (report.type === 'listens') {
      this.#log.warn(startMessages.listens(pid));
    }
    // With the logger of the application. If the application cannot start, it reports the cause in this process.
    whenSupervising(logs => {
      const log = logs.named('Cluster');
      if (report.type === 'unsuitable') {
        log.log(startMessages.unsuitable(report.reasons));
      } else if (report.type === 'ended') {
        log.warn(startMessages.ended(pid, report.end));
        this.#workers[0]?.showOutput();
      } else if (report.type === 'incompatible') {
        log.warn(startMessages.incompatible(pid));
      }
    });
    releaseHost();
    endEarlySignals();
  }

  /** Ends this process as the signal would, and the workers with it: nothing of theirs is in use yet. */
  async #stop(signal: NodeJS.Signals): Promise<void> {
    this.#isStopping = true;
    this.#host.reaper.stopping();
    await this.#endAll();
    this.#workers.forEach(worker => worker.showOutput());
    endEarlySignals();
    if (isFirstOfContainer(process.pid)) {
      exitProcess(exitCodeOf(signal));
    }
    process.kill(process.pid, signal);
  }

  /** Kills the workers, and resolves when they have ended and their output has been read. */
  async #endAll(): Promise<void> {
    this.#workers.forEach(worker => void worker.kill());
    await Promise.all(this.#workers.map(worker => worker.finished()));
  }

  get #log(): ReturnType<ConsoleHostLogger['named']> {
    return this.logs.named('Cluster');
  }
}

/** Returns the function that hands over the workers that exist, each once, and forks all others. */
function adopting(workers: readonly RecordedWorker[], fork: Fork): Fork {
  const waiting = new Map(workers.entries());
  return place => {
    const worker = place.standsBy ? undefined : waiting.get(place.slot);
    waiting.delete(place.slot);
    return worker ? worker.adopt() : fork(place);
  };
}

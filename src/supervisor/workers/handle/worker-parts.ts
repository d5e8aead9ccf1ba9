import type {
  WorkerEvent,
  WorkerEventDetails,
} from '../../../model/events/cluster-event.interface.js';
import type { PrimaryProtocol } from '../../../ipc/protocol.js';
import type { Clock } from '../../../system/time/clock.js';
import type { WorkerProcess } from '../../node-cluster/worker-process.js';
import type { LineSinks } from '../../output/record-sink.js';
import { supervisorMessages } from '../../supervisor.messages.js';
import { openWorkerChannel, type WorkerChannel } from './worker-channel.js';
import { WorkerDeparture } from './worker-departure.js';
import { WorkerEnding } from './worker-ending.js';
import { WorkerLife } from './worker-life.js';
import { WorkerLimits, type WorkerLimitsTerms } from './worker-limits.js';
import type { WorkerObserver } from './worker-observer.interface.js';
import { WorkerOutputs } from './worker-outputs.js';
import { WorkerReports } from './worker-reports.js';

/** @internal */
export interface WorkerPartsDependencies {
  readonly process: WorkerProcess;
  readonly terms: WorkerLimitsTerms;
  readonly clock: Clock;
  readonly sinks: LineSinks;
  readonly protocol: PrimaryProtocol;
  readonly observer: WorkerObserver;
  /** Returns what every event of the worker has. */
  readonly mark: () => WorkerEvent;
}

/** The parts of a worker handle. @internal */
export interface WorkerParts {
  readonly life: WorkerLife;
  readonly limits: WorkerLimits;
  readonly outputs: WorkerOutputs;
  readonly ending: WorkerEnding;
  readonly reports: WorkerReports;
  readonly channel: WorkerChannel;
  readonly departure: WorkerDeparture;
}

/** Creates the parts of a worker handle, and starts the boot timeout. @internal */
export function createWorkerParts(deps: WorkerPartsDependencies): WorkerParts {
  const { process, terms, clock, sinks, protocol, observer, mark } = deps;
  const tell = (details: WorkerEventDetails): void => observer.onEvent({ ...details, ...mark() });

  const life = new WorkerLife(clock);
  const limits = new WorkerLimits(life, terms, clock, {
    onMissed: reason => departure.kill(reason),
    onSilent: () => observer.onSilent(),
  });
  const outputs = new WorkerOutputs(process, sinks, clock, {
    onPaused: stream => {
      limits.suspend('output');
      tell({ type: 'workerOutputPaused', stream });
    },
    onResumed: (stream, duration) => {
      if (!outputs.isPaused) {
        limits.resume('output');
      }
      tell({ type: 'workerOutputResumed', stream, duration });
    },
  });
  const output = outputs.stderr;
  const ending = new WorkerEnding(output);
  const reports = new WorkerReports({ life, limits, ending, clock, output, observer, tell });
  const channel: WorkerChannel = openWorkerChannel(process.link, protocol, {
    observer,
    receivers: reports.receivers,
    onSignOfLife: () => limits.beat(),
    onIncompatible: hello => {
      const why = supervisorMessages.incompatible(hello);
      ending.incompatible(why);
      observer.onIncompatible(why);
      departure.kill('boot-failed');
    },
  });
  const departure = new WorkerDeparture({ ...deps, life, limits, outputs, ending, channel });

  process.onOnline(() => {
    life.online();
    tell({ type: 'workerOnline' });
  });
  process.onListening(address => reports.listening(address));
  process.onDisconnect(() => tell({ type: 'workerDisconnected' }));
  process.onExit((code, signal) => departure.onExit(code, signal));
  limits.toBeReady();
  return { life, limits, outputs, ending, reports, channel, departure };
}

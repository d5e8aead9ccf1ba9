import { readFileSync } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { readMemoryLimit } from '../system/limits/memory-limit.js';
import type { PrimaryOptions } from '../config/primary-options.js';
import { stateMemory } from '../config/state-memory.js';
import { warnOfOptions } from '../config/warn-of-options.js';
import { systemClock } from '../system/time/clock.js';
import { exitProcess } from '../system/process/exit.js';
import { listenToStopSignals } from '../system/process/stop-signals.js';
import { endEarlySignals, hasOwnListener } from '../bootstrap/early-signals.js';
import { logFor } from '../bootstrap/cluster-log-fields.js';
import type { HostLogger } from '../bootstrap/host-logger.interface.js';
import { readBlockedStack } from './diagnostics/read-blocked-stack.js';
import { MemoryBudget } from '../state/backends/memory/memory-budget.js';
import { WorkerInterview } from '../control/primary/worker-interview.js';
import { WorkerRequests } from '../control/primary/worker-requests.js';
import { FleetService } from '../fleet/primary/fleet-service.js';
import { idleClock } from '../overview/primary/idle-clock.js';
import { OverviewService } from '../overview/primary/overview-service.js';
import { createServices } from '../services/create-services.js';
import { MetricsService } from '../telemetry/primary/metrics-service.js';
import { listenToCommandSignals } from './command-signals.js';
import { EventHub } from './event-hub.js';
import { watchParentHost } from './parent-host-watch.js';
import type { Fork } from './node-cluster/worker-process.js';
import { redeliveredConnections } from './node-cluster/unread-sockets.js';
import { beginSupervising, checkInheritedSockets, prepareHost } from './prepare-host.js';
import { outcomeOf } from './commands/command-outcome.js';
import { openHostControl } from './open-host-control.js';
import { logText } from './output/log-text.js';
import { flushSinks, type OutputSinks, standardOutputs } from './output/output-sink.js';
import { OutputTap } from './output/output-tap.js';
import { PortClaims } from './port-claims.js';
import { supervisorMessages } from './supervisor.messages.js';
import { createSupervisor } from './create-supervisor.js';
import type { Supervisor } from './supervisor.js';
import { watchTerminal } from './terminal-watch.js';
import type { InheritedSockets } from '../systemd/activation/inherited-sockets.js';
import { notifyService } from '../systemd/notify/notify-service.js';
import { connectionsMigrate } from './node-cluster/tcp-migration.js';

/** Milliseconds for which the last output may make no progress before the process exits anyway. */
const OUTPUT_PATIENCE_MILLISECONDS = 2_000;

let supervisor: Supervisor | undefined;

/**
 * Makes this process the primary: forks the workers and supervises them until the process ends. Runs once, however
 * many applications of this process import the module.
 *
 * @param adopt returns the function that forks workers, for a host that has forked some already
 * @throws ClusterConfigError if workers were forked before the options were known, and the options do not fit them
 * @internal
 */
export function runPrimary(
  options: PrimaryOptions,
  logs: HostLogger,
  adopt: (fork: Fork) => Fork = fork => fork,
): void {
  if (supervisor) {
    return;
  }
  // `NestFactory.create()` never returns in the primary, so nobody else flushes buffered logs.
  logs.flush();
  const { fork, sockets, socketFiles, inherited, above, reaper, startedAt } = prepareHost(
    options,
    logs,
  );
  checkInheritedSockets(options.scheduling, inherited);
  beginSupervising(logs);
  const logger = logs.named('Cluster');
  const inspected = inspectorUrl() !== undefined;
  const outputs = standardOutputs(process, (stream, error) =>
    // The logger writes errors to stderr and everything else to stdout: log to the stream that still has a reader.
    logger[stream === 'stdout' ? 'error' : 'warn'](supervisorMessages.outputClosed(stream, error)),
  );
  // One memory budget covers everything that is held for workers.
  const { heap_size_limit: heapLimit } = getHeapStatistics();
  const budget = new MemoryBudget(stateMemory(options.state.maxMemory, heapLimit));
  const metrics = new MetricsService();
  const interview = new WorkerInterview(systemClock);
  const fleet = new FleetService({
    mode: 'cluster',
    clock: systemClock,
    reload: () => outcomeOf(supervisor!.commands.reloads.ask()),
  });
  const overview = new OverviewService({
    clock: idleClock,
    reload: () => supervisor?.reloadProgress,
    factsOf: id => supervisor?.factsOf(id),
  });
  const requests = new WorkerRequests((...args) => control.carryOut(...args));
  const further = [interview, fleet, overview, requests];
  const services = createServices(options.bus.maxQueueBytes, budget, metrics, further);
  const events = new EventHub(options.events, logger, services);
  const outputTap = new OutputTap();
  const systemd = notifyService(process.env, {
    status: () => supervisor!.status(),
    events,
    clock: systemClock,
    logger,
  });
  supervisor = createSupervisor({
    options,
    fork: adopt(fork),
    clock: systemClock,
    startedAt,
    exit: code => {
      reaper.dismiss();
      void exitWhenWritten(outputs, code, control.close(code));
    },
    outputs,
    logText: logs.writesRecords
      ? (worker, text) => logFor(worker, () => logText(logs.named('stderr'), text))
      : undefined,
    events,
    outputTap,
    services,
    budget,
    logger,
    inspected,
    interactive: process.stdin.isTTY && process.env['NODE_ENV'] !== 'production',
    closePort: async timeout => {
      // First: what waits in their queues is for the next process.
      inherited.release();
      // A file without a socket looks like one that a killed host has left.
      await sockets.close(timeout, path => socketFiles.remove(path));
    },
    takesConnections: address => sockets.has(address),
    portClaims: new PortClaims(),
    onWorkersChanged: pids => {
      reaper.watch(pids);
      systemd?.changed();
    },
    onStopping: () => {
      reaper.stopping();
      systemd?.changed();
    },
    memory: { limit: readMemoryLimit(), total: totalmem() },
    readBlockedStack,
  });
  const host = supervisor;
  services.onStart({ status: () => host.status(), redelivered: redeliveredConnections });
  warnOfOptions(options, process.env, logger);
  if (inspected) {
    logger.log(supervisorMessages.inspected());
  }
  if (options.scheduling === 'reuse-port' && !connectionsMigrate(readFileSync)) {
    logger.warn(supervisorMessages.migrationOff());
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    if (hasOwnListener(signal)) {
      logger.warn(supervisorMessages.ownSignalHandler(signal));
    }
  }
  listenToStopSignals(supervisor, systemClock);
  listenToCommandSignals(supervisor, watchTerminal(systemClock));
  endEarlySignals();
  if (above) {
    watchParentHost(above.primary, systemClock, () => {
      logger.warn(supervisorMessages.parentHostEnded(above.primary.pid));
      host.stop('SIGTERM');
    });
  }
  const control = openHostControl(
    options,
    {
      supervisor,
      events,
      outputTap,
      ask: topic => interview.ask(topic),
      metrics: () => metrics.text(),
      inspections: { clock: systemClock, logger, inspected, workers: () => host.workers },
      fleet: options.redis ? fleet : undefined,
    },
    logger,
  );
  void start(supervisor, inherited);
}

async function start(host: Supervisor, inherited: InheritedSockets): Promise<void> {
  await host.start();
  if (host.status().hasStarted) {
    inherited.warnOfUnused();
  }
}

/**
 * Exits when the output is written, and the control socket is closed: unwritten output in a pipe is lost with the process.
 */
async function exitWhenWritten(
  { stdout, stderr }: OutputSinks,
  code: number,
  closed: Promise<void>,
): Promise<void> {
  await Promise.all([
    closed,
    flushSinks([stdout, stderr], systemClock, OUTPUT_PATIENCE_MILLISECONDS),
  ]);
  exitProcess(code);
}

import { BusBroker } from '../bus/primary/bus-broker.js';
import { DoctorService } from '../doctor/primary/doctor-service.js';
import { ForwardService } from '../session-forwarding/primary/forward-service.js';
import type { MemoryBudget } from '../state/backends/memory/memory-budget.js';
import { onceMarks } from '../state/once-marks.js';
import { StateServer } from '../state/primary/state-server.js';
import { MetricsService } from '../telemetry/primary/metrics-service.js';
import { PrimaryServices } from './primary-services.js';

/**
 * Creates the services of a primary: the shared state in its memory, the bus, the private sockets of the
 * workers, the metrics, and what the doctor has reported.
 *
 * @param maxQueueBytes maximum bytes that are queued for one worker
 * @param budget memory for everything that is held for workers
 * @param metrics the service of the metrics, if the caller uses it, too
 * @param others further services
 * @internal
 */
export function createServices(
  maxQueueBytes: number,
  budget: MemoryBudget,
  metrics: MetricsService = new MetricsService(),
  others: readonly unknown[] = [],
): PrimaryServices {
  const bus = new BusBroker(maxQueueBytes, budget);
  const state = new StateServer((...event) => bus.append(...event), budget);
  state.note(onceMarks().values());
  return new PrimaryServices([
    state,
    bus,
    new ForwardService(),
    new DoctorService(),
    metrics,
    ...others,
  ]);
}

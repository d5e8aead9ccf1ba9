import type {
  ClusterEvent,
  OutputStream,
} from '../../../src/model/events/cluster-event.interface.js';
import type { HostStatus, ReloadResult } from '../../../src/model/host-status.interface.js';
import type { CommandOutcome } from '../../../src/ipc/supervision.protocol.js';
import type { ControlAnswer, ControlTopic } from '../../../src/control/control.protocol.js';
import type { ControlOutput, RestartResult } from '../../../src/control/control-messages.js';
import type { Inspection, InspectionProgress } from '../../../src/control/inspection.js';
import type {
  ControlledFleet,
  ControlledHost,
  InspectionContext,
} from '../../../src/control/primary/controlled-host.interface.js';

/** A host of two workers for a control socket. It notes what it is told to do. */
export class FakeControlledHost implements ControlledHost {
  readonly orders: unknown[] = [];
  readonly eventListeners = new Set<(event: ClusterEvent) => void>();
  readonly outputListeners = new Set<(output: ControlOutput) => void>();
  readonly streams: OutputStream[] = ['stdout', 'stderr'];
  outputs: ControlOutput[] = [];
  reloaded: Promise<CommandOutcome<ReloadResult>> = Promise.resolve({
    type: 'done',
    value: { generation: 1, duration: 5 },
  });
  scaled: CommandOutcome<number> | undefined;
  restarted: CommandOutcome<RestartResult | undefined> = { type: 'done', value: undefined };
  answers: Partial<Record<ControlTopic, ControlAnswer>> = {};
  text: string | undefined;
  /** What the end of an inspection resolves with. */
  inspected: Promise<unknown> = Promise.resolve({});
  /** What an inspection tells before its end. */
  progress: InspectionProgress[] = [];
  fleet: ControlledFleet | undefined;

  status(): HostStatus {
    const worker = { generation: 0, state: 'ready', serves: true, uptime: 1_000, restarts: 0 };
    return {
      pid: 100,
      uptime: 2_000,
      state: 'running',
      generation: 0,
      wanted: 2,
      ready: 2,
      hasStarted: true,
      discardedOutput: 0,
      stateMemory: { used: 0, limit: 1 },
      recentRestarts: 0,
      workers: [0, 1].map(slot => ({ ...worker, slot, id: slot + 1, pid: 101 + slot })),
      spares: [],
    } as HostStatus;
  }

  inspect(inspection: Inspection, { item }: InspectionContext): Promise<unknown> {
    this.orders.push(inspection);
    this.progress.forEach(item);
    return this.inspected;
  }

  reload(): Promise<CommandOutcome<ReloadResult>> {
    this.orders.push('reload');
    return this.reloaded;
  }

  async scale(wanted: (now: number) => number): Promise<CommandOutcome<number>> {
    const value = wanted(2);
    this.orders.push(`scale ${value}`);
    return this.scaled ?? { type: 'done', value };
  }

  async restart(slot: number): Promise<CommandOutcome<RestartResult | undefined>> {
    this.orders.push(`restart ${slot}`);
    return this.restarted;
  }

  stop(): void {
    this.orders.push('stop');
  }

  onEvent(listener: (event: ClusterEvent) => void): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  onOutput(listener: (output: ControlOutput) => void): () => void {
    this.outputListeners.add(listener);
    return () => this.outputListeners.delete(listener);
  }

  tails(): readonly ControlOutput[] {
    return this.outputs;
  }

  async ask(topic: ControlTopic): Promise<ControlAnswer | undefined> {
    return this.answers[topic];
  }

  async metrics(): Promise<string | undefined> {
    return this.text;
  }
}

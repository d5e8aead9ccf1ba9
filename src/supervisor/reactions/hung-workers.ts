import type { Logger } from '@nestjs/common';
import type { ReadBlockedStack } from '../diagnostics/read-blocked-stack.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { SlotRestarts } from '../workers/slot-restarts.js';
import type { Workforce } from '../workers/workforce.js';

/** Milliseconds to find out where a worker is blocked, before it is killed. */
const STACK_MILLISECONDS = 1_000;

/** @internal */
export interface HungWorkersDependencies {
  /** Milliseconds without a heartbeat after which a worker is hung. */
  readonly timeout: number;
  readonly logger: Pick<Logger, 'error'>;
  readonly readBlockedStack: ReadBlockedStack;
  readonly slotRestarts: SlotRestarts;
  readonly workforce: Pick<Workforce, 'changed'>;
}

/**
 * Handles workers whose event loop is blocked.
 *
 * @internal
 */
export class HungWorkers {
  constructor(private readonly deps: HungWorkersDependencies) {}

  /** Kills the worker, after its stack was read. Its slot gets another worker meanwhile. */
  async onSilent(worker: WorkerHandle): Promise<void> {
    const { timeout, logger, readBlockedStack, slotRestarts, workforce } = this.deps;
    slotRestarts.succeed(worker, false);
    workforce.changed();
    const stack = await worker.readStack(readBlockedStack, STACK_MILLISECONDS);
    if (worker.state !== 'exited') {
      logger.error(supervisorMessages.hung(worker.identify(), timeout, stack));
      worker.kill('hung');
    }
  }
}

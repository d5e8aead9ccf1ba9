import type { CommandOutcome } from '../../ipc/supervision.protocol.js';
import type { FleetReload } from '../../model/fleet-status.interface.js';
import type { ReloadResult } from '../../model/host-status.interface.js';

/** Characters of a worker's output that go into the record of the host. */
const MAX_OUTPUT = 2_000;

/** Characters of a reason. */
const MAX_REASON = 1_000;

/** Returns what a host tells others about the end of its reload. @internal */
export function endOfReload(token: number, outcome: CommandOutcome<ReloadResult>): FleetReload {
  switch (outcome.type) {
    case 'done':
      return { token, state: 'done', ...outcome.value };
    case 'failed': {
      const { why, worker } = outcome.failure;
      return {
        token,
        state: 'failed',
        why: why.slice(0, MAX_REASON),
        worker: { ...worker, output: worker.output.slice(-MAX_OUTPUT) },
      };
    }
    case 'stopping':
      return { token, state: 'failed', why: 'the host stops' };
    case 'broken':
  }
  return { token, state: 'failed', why: outcome.why.slice(0, MAX_REASON) };
}

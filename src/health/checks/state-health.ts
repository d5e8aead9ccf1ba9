import type { StateMemory } from '../../model/host-status.interface.js';
import { exceed } from './exceed.js';
import { healthMessages } from '../health.messages.js';
import type { Limits } from './health-limits.js';
import type { StateAnswer } from './state-probe.js';
import { type Problem, type Verdict, verdictOn } from './verdict.js';

/** The health of the shared state's backend, as this worker sees it. @publicApi */
export interface StateHealth extends Verdict {
  /** The backend of the shared state. */
  readonly backend: 'memory' | 'redis';
  /** Round trip in milliseconds; missing if the backend did not answer. */
  readonly roundTrip?: number;
  /** Memory usage of the backend `memory`; missing if the primary has not answered in time. */
  readonly memory?: StateMemory;
}

/** @internal */
export function stateHealth(
  backend: StateHealth['backend'],
  answer: StateAnswer,
  problems: readonly string[],
  { stateRoundTrip }: Limits,
  memory?: StateMemory,
): StateHealth {
  return {
    ...verdictOn([
      ...judge(answer, stateRoundTrip),
      ...problems.map(says => ({ status: 'degraded', says }) as const),
    ]),
    backend,
    ...(answer.type === 'answered' && { roundTrip: Math.round(answer.after * 10) / 10 }),
    ...(memory && { memory }),
  };
}

function judge(answer: StateAnswer, limit: Limits['stateRoundTrip']): Problem[] {
  if (answer.type === 'answered') {
    return exceed(answer.after, limit, healthMessages.stateSlow);
  }
  return answer.type === 'silent'
    ? exceed(answer.since, limit, healthMessages.stateSilent)
    : exceed(Infinity, limit, healthMessages.stateUnreachable);
}

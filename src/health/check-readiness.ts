import { ServiceUnavailableException } from '@nestjs/common';
import type { HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import type { BoundIndicator } from './checks/readiness-indicators.js';
import type { IndicatorResult } from './health-module-options.interface.js';

/** The method of Terminus that runs the checks. */
type Check = Pick<HealthCheckService, 'check'>;

/**
 * Checks indicators with Terminus. Some of them may be `degraded`.
 *
 * Terminus 11 omits indicators that are neither `up` nor `down`. So degraded indicators are passed to Terminus as `up`,
 * and their status is restored in the answer.
 *
 * @throws ServiceUnavailableException with the whole result, as Terminus does, if an indicator is down
 * @internal
 */
export async function checkReadiness(
  terminus: Check,
  indicators: readonly BoundIndicator[],
): Promise<HealthCheckResult> {
  const degraded = new Set<string>();
  const told = indicators.map(
    indicator => async () =>
      Object.fromEntries(
        Object.entries(await indicator()).map(([name, health]) => {
          if (health.status === 'degraded') {
            degraded.add(name);
          }
          return [name, health.status === 'degraded' ? { ...health, status: 'up' } : health];
        }),
      ) as Record<string, { readonly status: 'up' | 'down' }>,
  );
  try {
    return withDegraded(await terminus.check(told), degraded);
  } catch (error) {
    if (!(error instanceof ServiceUnavailableException)) {
      throw error;
    }
    const result = error.getResponse() as HealthCheckResult;
    throw new ServiceUnavailableException(withDegraded(result, degraded));
  }
}

function withDegraded(result: HealthCheckResult, degraded: ReadonlySet<string>): HealthCheckResult {
  if (degraded.size === 0) {
    return result;
  }
  const restored = (healths: object = {}): IndicatorResult =>
    Object.fromEntries(
      Object.entries(healths as IndicatorResult).map(([name, health]) => [
        name,
        degraded.has(name) && health.status === 'up' ? { ...health, status: 'degraded' } : health,
      ]),
    );
  return {
    ...result,
    status: result.status === 'ok' ? 'degraded' : result.status,
    info: restored(result.info),
    details: restored(result.details),
  };
}

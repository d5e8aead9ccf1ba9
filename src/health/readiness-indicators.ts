import type { FactoryProvider } from '@nestjs/common';
import type { HealthIndicatorFunction, HealthIndicatorResult } from '@nestjs/terminus';
import { within } from '../process/within.js';
import type { HealthIndicatorsOptions } from './health-module-options.interface.js';
import { healthMessages } from './health.messages.js';

/** Injection token of the {@link ReadinessIndicator}s. @internal */
export const READINESS_INDICATORS = Symbol('READINESS_INDICATORS');

/** What readiness asks of the user's. Settles in time, and never rejects. @internal */
export type ReadinessIndicator = () => Promise<HealthIndicatorResult>;

const TIMEOUT = 1_000;

const NONE: HealthIndicatorsOptions = { useFactory: () => [] };

/** @internal */
export function readinessIndicators({
  inject = [],
  useFactory,
  timeout = TIMEOUT,
}: HealthIndicatorsOptions = NONE): FactoryProvider<readonly ReadinessIndicator[]> {
  return {
    provide: READINESS_INDICATORS,
    inject,
    useFactory: async (...dependencies: unknown[]) => {
      const indicators = await useFactory(...dependencies);
      return indicators.map((indicator, place) =>
        bound(indicator, `indicator ${place + 1}`, timeout),
      );
    },
  };
}

/** A probe that is never answered would hold up the drain, and tell nobody what it waits for. */
function bound(
  indicator: HealthIndicatorFunction,
  name: string,
  timeout: number,
): ReadinessIndicator {
  const down = (message: string): HealthIndicatorResult => ({
    [name]: { status: 'down', message },
  });
  // An attempt of Terminus' is no function, but can be awaited.
  const ask = async (): Promise<HealthIndicatorResult> =>
    typeof indicator === 'function' ? indicator() : await indicator;
  return () =>
    within(
      timeout,
      ask().catch((error: unknown) => down(error instanceof Error ? error.message : String(error))),
      () => down(healthMessages.indicatorSilent(timeout)),
    );
}

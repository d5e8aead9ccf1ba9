import { type FactoryProvider, Logger } from '@nestjs/common';
import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { within } from '../../system/async/within.js';
import type {
  HealthIndicatorsOptions,
  IndicatorResult,
  ReadinessIndicator,
} from '../health-module-options.interface.js';
import { healthMessages } from '../health.messages.js';
import { describeReceived } from '../../validation/describe-received.js';
import { printable, printableMessage, printableStack } from '../../system/text/printable.js';

/** Injection token of the {@link BoundIndicator}s. @internal */
export const READINESS_INDICATORS = Symbol('READINESS_INDICATORS');

/** A user's indicator with a timeout. Never rejects. @internal */
export type BoundIndicator = () => Promise<IndicatorResult>;

const TIMEOUT = 1_000;

/** Names that the readiness check uses itself. */
const TAKEN = ['host', 'state'];

const NONE: HealthIndicatorsOptions = { useFactory: () => [] };

/** @internal */
export function readinessIndicators({
  inject = [],
  useFactory,
  timeout = TIMEOUT,
}: HealthIndicatorsOptions = NONE): FactoryProvider<readonly BoundIndicator[]> {
  const logger = new Logger('ClusterHealth');
  return {
    provide: READINESS_INDICATORS,
    inject,
    useFactory: async (...dependencies: unknown[]) => {
      const indicators = await useFactory(...dependencies);
      if (!Array.isArray(indicators)) {
        throw new ClusterConfigError(
          'indicators.useFactory',
          indicators,
          'a function that returns a list',
          `indicators.useFactory must return a list, but returned ${describeReceived(indicators)}.`,
        );
      }
      return indicators.map((indicator: ReadinessIndicator, place) =>
        bound(indicator, `indicator ${place + 1}`, timeout, logger),
      );
    },
  };
}

/**
 * Wraps an indicator with a timeout, because a probe without an answer would delay the drain. Errors are only logged,
 * because their messages may contain passwords.
 */
function bound(
  indicator: ReadinessIndicator,
  name: string,
  timeout: number,
  logger: Logger,
): BoundIndicator {
  /** The names in the last result. */
  let names = [name];
  const down = (message: string): IndicatorResult =>
    Object.fromEntries(names.map(each => [each, { status: 'down' as const, message }]));
  const ask = async (): Promise<IndicatorResult> => {
    try {
      const result: unknown = await (typeof indicator === 'function' ? indicator() : indicator);
      if (!isResult(result)) {
        logger.error(printableMessage(`${names.join(', ')}: ${JSON.stringify(result)}`));
        return down(healthMessages.indicatorMalformed());
      }
      names = Object.keys(result);
      return result;
    } catch (error) {
      logger.error(`${printable(names.join(', '))}: ${printableStack(error)}`);
      return down(healthMessages.indicatorFailed());
    }
  };
  return () => within(timeout, ask(), () => down(healthMessages.indicatorSilent(timeout)));
}

function isResult(result: unknown): result is IndicatorResult {
  if (typeof result !== 'object' || result === null) {
    return false;
  }
  const entries = Object.entries(result as Record<string, { readonly status?: unknown } | null>);
  return (
    entries.length > 0 &&
    entries.every(
      ([key, value]) =>
        !TAKEN.includes(key) && ['up', 'degraded', 'down'].includes(String(value?.status)),
    )
  );
}

import { Logger, ServiceUnavailableException } from '@nestjs/common';
import type { HealthCheckResult } from '@nestjs/terminus';
import { healthMessages } from './health.messages.js';

type Details = HealthCheckResult['details'];

/**
 * Builds the responses to probes, in the format of `@nestjs/terminus`. Logs when readiness changes, not at each probe.
 *
 * @internal
 */
export class HealthAnswers {
  readonly #logger = new Logger('ClusterHealth');
  #down = '';

  /** @param withDetails whether responses contain more than the status */
  constructor(private readonly withDetails: boolean) {}

  ok(details: Details): Partial<HealthCheckResult> {
    return this.#shown({ status: 'ok', info: details, error: {}, details });
  }

  /** @throws ServiceUnavailableException always */
  refuse(status: 'error' | 'shutting_down', details: Details): never {
    const result: HealthCheckResult = { status, info: {}, error: details, details };
    throw new ServiceUnavailableException(this.#shown(result));
  }

  /** @throws ServiceUnavailableException if anything is `down` */
  async readiness(check: Promise<HealthCheckResult>): Promise<Partial<HealthCheckResult>> {
    try {
      const result = await check;
      this.#note([]);
      return this.#shown(result);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) {
        throw error;
      }
      const result = error.getResponse() as HealthCheckResult;
      this.#note(Object.keys(result.error ?? {}));
      throw new ServiceUnavailableException(this.#shown(result));
    }
  }

  #shown(result: HealthCheckResult): Partial<HealthCheckResult> {
    return this.withDetails ? result : { status: result.status };
  }

  #note(down: readonly string[]): void {
    const names = down.join(', ');
    if (names !== this.#down) {
      this.#down = names;
      if (down.length > 0) {
        this.#logger.warn(healthMessages.unready(down));
      } else {
        this.#logger.log(healthMessages.readyAgain());
      }
    }
  }
}

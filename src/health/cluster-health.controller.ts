import {
  Controller,
  Get,
  Inject,
  ServiceUnavailableException,
  type Type,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import type { HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { ClusterService } from '../cluster.service.js';
import { ClusterHealthIndicator } from './cluster.health.js';
import { healthMessages } from './health.messages.js';
import type { ClusterHealthModuleOptions } from './health-module-options.interface.js';
import { READINESS_INDICATORS, type ReadinessIndicator } from './readiness-indicators.js';
import type { Terminus } from './terminus.js';

/** The path at which the endpoints are. @internal */
export const HEALTH_PATH = 'health';

/**
 * The endpoints for those who probe the host: a controller in the form that `@nestjs/terminus` gives to
 * answers, made when that is loaded.
 *
 * @internal
 */
export function healthController(
  { HealthCheck, HealthCheckService: Service }: Terminus,
  { path = HEALTH_PATH, decorators = [] }: ClusterHealthModuleOptions,
): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  class ClusterHealthController {
    constructor(
      @Inject(Service) private readonly health: HealthCheckService,
      @Inject(ClusterHealthIndicator) private readonly indicator: ClusterHealthIndicator,
      @Inject(ClusterService) private readonly cluster: ClusterService,
      @Inject(READINESS_INDICATORS) private readonly others: readonly ReadinessIndicator[],
    ) {}

    /** That it answers is all there is to say: whatever else is wrong, starting the host anew would not cure. */
    @Get('live')
    @HealthCheck()
    live(): HealthCheckResult {
      return ok({ worker: { status: 'up', ...this.cluster.worker } });
    }

    /** Whether the host is to get requests. */
    @Get('ready')
    @HealthCheck()
    async ready(): Promise<HealthCheckResult> {
      const [host, state] = await Promise.all([
        this.indicator.checkHost('host'),
        this.indicator.checkState('state'),
      ]);
      if (host.host.state === 'stopping') {
        // Nothing has failed that would have to be logged, and others may be gone already.
        throw unavailable('shutting_down', host);
      }
      return this.health.check([() => host, () => state, ...this.others]);
    }

    /** Whether the host has begun to serve with all its workers, once. */
    @Get('startup')
    @HealthCheck()
    async startup(): Promise<HealthCheckResult> {
      const { host } = await this.indicator.checkHost('host');
      if (!host.hasStarted) {
        const { ready, wanted, problems } = host;
        const why =
          ready === undefined || wanted === undefined
            ? problems
            : [healthMessages.notStarted(ready, wanted)];
        throw unavailable('error', { host: { ...host, status: 'down', problems: why } });
      }
      return ok({ host: { ...host, status: 'up', problems: [] } });
    }
  }
  decorators.forEach(decorate => decorate(ClusterHealthController));
  return ClusterHealthController;
}

type Details = HealthCheckResult['details'];

const ok = (details: Details): HealthCheckResult => ({
  status: 'ok',
  info: details,
  error: {},
  details,
});

function unavailable(
  status: 'error' | 'shutting_down',
  details: Details,
): ServiceUnavailableException {
  return new ServiceUnavailableException({ status, info: {}, error: details, details });
}

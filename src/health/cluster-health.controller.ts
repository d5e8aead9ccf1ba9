import { Controller, Get, Inject, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import type { HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { ClusterService } from '../cluster.service.js';
import { checkReadiness } from './check-readiness.js';
import { ClusterHealthIndicator } from './cluster.health.js';
import { HealthAnswers } from './health-answers.js';
import { healthMessages } from './health.messages.js';
import type { ClusterHealthModuleOptions } from './health-module-options.interface.js';
import { type BoundIndicator, READINESS_INDICATORS } from './checks/readiness-indicators.js';
import type { Terminus } from './terminus.js';

/** The default path of the endpoints. @internal */
export const HEALTH_PATH = 'health';

/**
 * Creates the controller of the health endpoints. Responses have the format of `@nestjs/terminus`, which must be
 * loaded first.
 *
 * @internal
 */
export function healthController(
  { HealthCheck, HealthCheckService: Service }: Terminus,
  { path = HEALTH_PATH, details = true, decorators = [] }: ClusterHealthModuleOptions,
): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  class ClusterHealthController {
    private readonly answers = new HealthAnswers(details);

    constructor(
      @Inject(Service) private readonly health: HealthCheckService,
      @Inject(ClusterHealthIndicator) private readonly indicator: ClusterHealthIndicator,
      @Inject(ClusterService) private readonly cluster: ClusterService,
      @Inject(READINESS_INDICATORS) private readonly others: readonly BoundIndicator[],
    ) {}

    /** Always up: no other problem would be solved by a restart of the host. */
    @Get('live')
    @HealthCheck()
    live(): Partial<HealthCheckResult> {
      return this.answers.ok({ worker: { status: 'up', ...this.cluster.worker } });
    }

    /** Whether the host should get requests. */
    @Get('ready')
    @HealthCheck()
    async ready(): Promise<Partial<HealthCheckResult>> {
      const [host, state] = await Promise.all([
        this.indicator.checkHost('host'),
        this.indicator.checkState('state'),
      ]);
      if (host.host.state === 'stopping') {
        // Not logged, because nothing has failed. Other indicators are skipped, because they may be closed already.
        return this.answers.refuse('shutting_down', host);
      }
      return this.answers.readiness(
        checkReadiness(this.health, [async () => host, async () => state, ...this.others]),
      );
    }

    /** Whether all workers of the host have been ready at the same time at least once. */
    @Get('startup')
    @HealthCheck()
    async startup(): Promise<Partial<HealthCheckResult>> {
      const { host } = await this.indicator.checkHost('host');
      if (host.hasStarted) {
        return this.answers.ok({ host: { ...host, status: 'up', problems: [] } });
      }
      const { ready, wanted, problems } = host;
      const why =
        ready === undefined || wanted === undefined
          ? problems
          : [healthMessages.notStarted(ready, wanted)];
      return this.answers.refuse('error', { host: { ...host, status: 'down', problems: why } });
    }
  }
  decorators.forEach(decorate => decorate(ClusterHealthController));
  return ClusterHealthController;
}

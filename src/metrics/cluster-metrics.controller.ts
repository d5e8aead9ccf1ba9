import {
  Controller,
  Get,
  Headers,
  Inject,
  Logger,
  Res,
  ServiceUnavailableException,
  type Type,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { acceptedFormat } from '../telemetry/accepted-format.js';
import { CONTENT_TYPES } from '../telemetry/content-types.js';
import { printableError } from '../system/text/printable.js';
import { metricsMessages } from './metrics.messages.js';
import type { ClusterMetricsModuleOptions } from './metrics-module-options.interface.js';
import { METRICS_PATH, MetricsOrchestrator } from './metrics.orchestrator.js';

/** What the responses of Express and Fastify have in common. */
interface AnyResponse {
  header(name: string, value: string): unknown;
  send(text: string): unknown;
}

/** Creates the controller of the metrics. @internal */
export function metricsController({
  path = METRICS_PATH,
  decorators = [],
}: ClusterMetricsModuleOptions): Type {
  @Controller({ path: path || METRICS_PATH, version: VERSION_NEUTRAL })
  class ClusterMetricsController {
    private readonly logger = new Logger('ClusterMetrics');

    constructor(@Inject(MetricsOrchestrator) private readonly orchestrator: MetricsOrchestrator) {}

    /** With the response itself: an interceptor of the application must not wrap the text. */
    @Get()
    async metrics(
      @Headers('accept') accept: string | undefined,
      @Res() response: AnyResponse,
    ): Promise<void> {
      let text: string;
      try {
        text = await this.orchestrator.metrics.text(accept);
      } catch (error) {
        this.logger.warn(`${metricsMessages.primarySilent()} ${printableError(error)}`);
        throw new ServiceUnavailableException(metricsMessages.primarySilent());
      }
      response.header('content-type', CONTENT_TYPES[acceptedFormat(accept)]);
      response.send(text);
    }
  }
  decorators.forEach(decorate => decorate(ClusterMetricsController));
  return ClusterMetricsController;
}

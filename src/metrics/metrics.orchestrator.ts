import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { noteRoutes } from './collect/http-route.js';
import { metricsMessages } from './metrics.messages.js';
import type { ClusterMetricsModuleOptions } from './metrics-module-options.interface.js';
import { ProcessMetrics } from './process-metrics.js';
import type { PromClient } from './prom-client.js';

/** The path of the metrics, unless another one is set. @internal */
export const METRICS_PATH = '/metrics';

/** Injection token of the options and of `prom-client`. @internal */
export const METRICS_SETTINGS = Symbol('METRICS_SETTINGS');

/** @internal */
export interface MetricsSettings {
  readonly options: ClusterMetricsModuleOptions;
  readonly prom: PromClient;
}

/** The part of Nest's HTTP adapters that is used. */
interface MeasuredAdapter {
  getType(): string;
  getInstance(): unknown;
  getHttpServer(): unknown;
}

/**
 * Connects an application with the metrics of its process.
 *
 * @internal
 */
@Injectable()
export class MetricsOrchestrator implements OnModuleInit, OnApplicationBootstrap {
  readonly metrics: ProcessMetrics;

  constructor(
    @Inject(METRICS_SETTINGS) private readonly settings: MetricsSettings,
    @Optional() @Inject(RUNTIME) private readonly runtime: Runtime,
    @Optional() @Inject(CLUSTER_OPTIONS) private readonly cluster: ResolvedClusterOptions,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    if (!runtime) {
      throw ClusterConfigError.missingModule('ClusterMetricsModule');
    }
    this.metrics = ProcessMetrics.of(settings.prom, runtime);
    this.metrics.include(settings.options.registries ?? []);
  }

  /** The routes are registered afterwards. */
  onModuleInit(): void {
    this.metrics.begin();
    const adapter = this.adapterHost.httpAdapter as MeasuredAdapter | undefined;
    const server = adapter?.getHttpServer() as HttpServer | undefined;
    if (this.settings.options.http === false || !adapter || !server) {
      return;
    }
    const { measureRequest } = this.metrics;
    if (adapter.getType() === 'fastify') {
      noteRoutes(adapter.getInstance() as Parameters<typeof noteRoutes>[0]);
    }
    if (this.runtime.drains) {
      this.runtime.connections.observeRequests(measureRequest);
    } else {
      server.prependListener?.('request', measureRequest);
    }
  }

  /** @throws ClusterConfigError if the port cannot be opened */
  async onApplicationBootstrap(): Promise<void> {
    const { port, host, path } = this.settings.options;
    if (port !== undefined) {
      const address = { port, ...(host !== undefined && { host }), path: absolute(path) };
      const why = await this.metrics.openPort(address);
      if (why !== undefined) {
        const message = metricsMessages.portFailed(port, why);
        throw new ClusterConfigError('port', port, 'a port that can be opened', message);
      }
    }
    this.metrics.start(this.cluster.heartbeat.interval);
  }
}

interface HttpServer {
  prependListener?(event: 'request', listener: (...args: never[]) => void): unknown;
}

function absolute(path: string | false = METRICS_PATH): string {
  const set = path === false ? METRICS_PATH : path;
  return set.startsWith('/') ? set : `/${set}`;
}

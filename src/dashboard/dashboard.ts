import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  Optional,
} from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { ClusterService } from '../cluster.service.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import { doctorProtocol, MAX_KEY } from '../doctor/doctor.protocol.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Overview } from '../overview/overview.interface.js';
import { type OverviewFeed, overviewFeedOf } from '../overview/overview-feed.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { PACKAGE_VERSION } from '../system/own-package.js';
import { systemClock } from '../system/time/clock.js';
import { DashboardAccess } from './access/dashboard-access.js';
import { DashboardActions } from './actions/dashboard-actions.js';
import type { DashboardActionName, DashboardOverview } from './page-messages.js';
import { dashboardMessages } from './dashboard.messages.js';
import { DashboardFiles } from './files/dashboard-files.js';
import { pagePath } from './page-path.js';
import { sectionsOf } from './sections.js';
import { DashboardStreams } from './streams/dashboard-streams.js';

/** The default path of the page. @internal */
export const DEFAULT_DASHBOARD_PATH = '/cluster';

/** Injection token of the path. @internal */
export const DASHBOARD_PATH = Symbol('DASHBOARD_PATH');

/**
 * The dashboard of an application: what its controller serves.
 *
 * @internal
 */
@Injectable()
export class Dashboard implements OnApplicationBootstrap, OnModuleDestroy {
  readonly files = new DashboardFiles();
  readonly feed: OverviewFeed;
  readonly streams: DashboardStreams;
  readonly actions: DashboardActions;
  readonly #logger = new Logger('ClusterDashboard');
  readonly #namespace: string;

  constructor(
    @Inject(DASHBOARD_PATH) private readonly path: string,
    @Inject(DashboardAccess) private readonly access: DashboardAccess,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Optional() @Inject(RUNTIME) private readonly runtime: Runtime,
    @Optional() @Inject(CLUSTER_OPTIONS) options: ResolvedClusterOptions,
    @Optional() @Inject(ClusterService) cluster: ClusterService,
  ) {
    if (!runtime) {
      throw ClusterConfigError.missingModule('ClusterDashboardModule');
    }
    const logger = this.#logger;
    this.#namespace = options.namespace;
    this.feed = overviewFeedOf(runtime);
    const sections = sectionsOf(this.feed, cluster, runtime);
    this.streams = new DashboardStreams(this.feed, sections, systemClock, {
      onOverviewFailed: error => logger.warn(dashboardMessages.overviewFailed(error)),
      onSectionFailed: (view, error) => logger.warn(dashboardMessages.sectionFailed(view, error)),
    });
    this.actions = new DashboardActions(
      cluster,
      runtime,
      options.namespace,
      logger,
      access.hasActions,
    );
    runtime.lifecycle.drainSignal.addEventListener('abort', () => this.streams.end(), {
      once: true,
    });
  }

  onApplicationBootstrap(): void {
    if (!this.access.protection.hasGuards) {
      void this.#tellOfMissingGuard();
    }
  }

  onModuleDestroy(): void {
    this.streams.end();
  }

  /** Returns the first message of a stream, from the JSON of the overview. */
  firstMessage(overview: string, actions: readonly DashboardActionName[]): string {
    const { mode, worker } = this.runtime;
    const own: Omit<DashboardOverview, keyof Overview> = {
      self: { slot: worker.slot, pid: worker.pid, mode },
      namespace: this.#namespace,
      version: PACKAGE_VERSION,
      actions,
    };
    // The overview is long, and the same for all pages.
    return `${JSON.stringify(own).slice(0, -1)},${overview.slice(1)}`;
  }

  /** Once for all workers of the host. */
  async #tellOfMissingGuard(): Promise<void> {
    const channel = this.runtime.host.channel.open(doctorProtocol, () => {});
    const key = `dashboard:${this.path}`.slice(0, MAX_KEY);
    const unreported = await channel.ask('unreported', [key]).catch(() => []);
    if (unreported.length > 0) {
      const page = pagePath(this.config, this.path);
      if (this.access.protection.isProduction) {
        this.#logger.warn(dashboardMessages.unguarded(page));
      } else {
        this.#logger.log(dashboardMessages.openHere(page));
      }
    }
    channel.close();
  }
}

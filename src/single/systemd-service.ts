import type { Logger } from '@nestjs/common';
import type { HostStatus } from '../model/host-status.interface.js';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import { InheritedSockets } from '../systemd/activation/inherited-sockets.js';
import { notifyService } from '../systemd/notify/notify-service.js';
import { systemClock } from '../system/time/clock.js';

interface ServiceOfSystemd {
  describe(): HostStatus;
  readonly events: { subscribe(listener: (event: ClusterEvent) => void): unknown };
}

/**
 * Makes this process what a primary is for systemd: it listens on the sockets from systemd, and tells it its state.
 *
 * @returns a function that ends it
 * @internal
 */
export function serveSystemd(host: ServiceOfSystemd, logger: Pick<Logger, 'warn'>): () => void {
  const sockets = InheritedSockets.take(process.env, process.pid, line => logger.warn(line));
  sockets.installForServers();
  const notifier = notifyService(process.env, {
    status: () => host.describe(),
    events: { listen: listener => host.events.subscribe(listener) },
    clock: systemClock,
    logger,
  });
  notifier?.changed();
  host.events.subscribe(({ type }) => {
    notifier?.changed();
    if (type === 'workerReady') {
      sockets.warnOfUnused();
    }
  });
  return () => notifier?.close();
}

import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import type { ServiceNotifierDependencies } from './service-notifier.js';
import { ServiceNotifier } from './service-notifier.js';
import { systemdNotify } from './systemd-notify.js';
import { watchdogInterval } from './watchdog.js';

/**
 * Returns what tells the service manager the state of the host; `undefined` if none has asked for it.
 *
 * @internal
 */
export function notifyService(
  env: NodeJS.ProcessEnv,
  {
    events,
    ...deps
  }: Pick<ServiceNotifierDependencies, 'status' | 'clock' | 'logger'> & {
    readonly events: { listen(listener: (event: ClusterEvent) => void): unknown };
  },
): ServiceNotifier | undefined {
  if (!env['NOTIFY_SOCKET']) {
    return undefined;
  }
  const notifier = new ServiceNotifier({
    ...deps,
    send: systemdNotify(env),
    microseconds: () => process.hrtime.bigint() / 1_000n,
    watchdogInterval: watchdogInterval(env, process.pid),
  });
  events.listen(event => notifier.onEvent(event));
  return notifier;
}

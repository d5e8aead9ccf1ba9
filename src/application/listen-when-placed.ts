import type { Runtime } from '../runtime/runtime.js';

/**
 * Delays `listen()` in a spare until it has a slot. A spare that only has to listen is on standby.
 *
 * @internal
 */
export function listenWhenPlaced(
  target: { listen(...args: never[]): unknown },
  { standby, host }: Runtime,
): void {
  if (!standby.waits) {
    return;
  }
  const listen = target.listen.bind(target) as (...args: unknown[]) => unknown;
  target.listen = (...args: unknown[]) => {
    if (standby.waits) {
      host.standby();
    }
    standby.whenPlaced(() => void listen(...args));
  };
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { controlTexts } from '../control/control-text.js';
import type { OpenControl } from '../control/primary/primary-control.js';
import type { PrimaryOptions } from '../config/primary-options.js';
import type { CarryOut } from '../control/primary/worker-requests.js';
import type { HostControlDependencies, PrimaryControl } from './inspection/open-primary-control.js';
import { printableError } from '../system/text/printable.js';

/** What can be requested of this host; its control socket may not be open. @internal */
export interface HostControl {
  /** Carries out a request of a worker, whether there is a control socket or not. */
  readonly carryOut: CarryOut;
  /** Tells clients that the host exits, and removes the socket, also one that is about to be opened. Never rejects. */
  close(exitCode: number): Promise<void>;
}

/**
 * Opens the control socket, if the option `control` wants it. It is opened later, when the workers have been forked. If it
 * cannot be opened, a warning says why.
 *
 * @internal
 */
export function openHostControl(
  { control, namespace }: Pick<PrimaryOptions, 'control' | 'namespace'>,
  deps: HostControlDependencies,
  logger: Pick<Logger, 'warn'>,
): HostControl {
  let loading: Promise<PrimaryControl> | undefined;
  const load = (): Promise<PrimaryControl> =>
    (loading ??= import('./inspection/open-primary-control.js').then(({ primaryControl }) =>
      primaryControl(deps),
    ));
  const carryOut: CarryOut = async (...args) => (await load()).carryOut(...args);
  if (control === false) {
    return { carryOut, close: () => Promise.resolve() };
  }
  const warn = (error: unknown): void => logger.warn(controlTexts.broken(printableError(error)));
  let opened: OpenControl | undefined;
  let exitCode: number | undefined;
  const open = async (): Promise<void> => {
    // When the workers have been forked.
    await nextTurn();
    // All of it, because a deployment may replace the files before somebody looks into a worker.
    opened = await (await load()).open({ control, namespace }, warn);
    if (exitCode !== undefined) {
      await opened.close(exitCode);
    }
  };
  open().catch((error: unknown) => logger.warn(printableError(error)));
  return {
    carryOut,
    close: async code => {
      exitCode = code;
      await opened?.close(code);
    },
  };
}

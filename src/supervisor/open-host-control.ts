import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { controlTexts } from '../control/control-text.js';
import type { OpenControl } from '../control/primary/primary-control.js';
import type { PrimaryOptions } from '../config/primary-options.js';
import type { HostControlDependencies } from './inspection/open-primary-control.js';
import { printableError } from '../system/text/printable.js';

/** The control socket of this host, which may not be open. @internal */
export interface HostControl {
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
  if (control === false) {
    return { close: () => Promise.resolve() };
  }
  const warn = (error: unknown): void => logger.warn(controlTexts.broken(printableError(error)));
  let opened: OpenControl | undefined;
  let exitCode: number | undefined;
  const open = async (): Promise<void> => {
    // When the workers have been forked.
    await nextTurn();
    // All of it, because a deployment may replace the files before somebody looks into a worker.
    const { openPrimaryControl } = await import('./inspection/open-primary-control.js');
    opened = await openPrimaryControl(deps, { control, namespace }, warn);
    if (exitCode !== undefined) {
      await opened.close(exitCode);
    }
  };
  open().catch((error: unknown) => logger.warn(printableError(error)));
  return {
    close: async code => {
      exitCode = code;
      await opened?.close(code);
    },
  };
}

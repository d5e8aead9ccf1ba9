import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { controlTexts } from '../control/control-text.js';
import type { ControlAnswer, ControlTopic } from '../control/control.protocol.js';
import type { OpenControl } from '../control/primary/primary-control.js';
import type { ControlledHost } from '../control/primary/controlled-host.interface.js';
import type { CommandOutcome } from '../ipc/supervision.protocol.js';
import type { PrimaryOptions } from '../config/primary-options.js';
import { printableError } from '../system/text/printable.js';
import { commandOutcome } from './commands/command-outcome.js';
import type { EventHub } from './event-hub.js';
import type { OutputTap } from './output/output-tap.js';
import type { Supervisor } from './supervisor.js';
import { supervisorMessages } from './supervisor.messages.js';

/** What clients of the control socket can see and change. @internal */
export interface HostControlDependencies {
  readonly supervisor: Supervisor;
  readonly events: Pick<EventHub, 'listen'>;
  readonly outputTap: OutputTap;
  readonly ask: (topic: ControlTopic) => Promise<ControlAnswer | undefined>;
  readonly metrics: () => Promise<string | undefined>;
}

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
    const { openControl } = await import('../control/primary/primary-control.js');
    opened = await openControl(controlledHost(deps), { control, namespace }, warn);
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

/** Returns the host as its control socket sees it. @internal */
export function controlledHost(deps: HostControlDependencies): ControlledHost {
  const { supervisor, events, outputTap, ask, metrics } = deps;
  const { reloads, restarting, scaling } = supervisor.commands;
  return {
    status: () => supervisor.status(),
    reload: () => outcomeOf(reloads.ask()),
    scale: wanted => outcomeOf(scaling.to(wanted)),
    restart: slot => outcomeOf(restarting.of(slot)),
    stop: () => supervisor.stop('SIGTERM', supervisorMessages.stopRequested()),
    onEvent: listener => events.listen(listener),
    onOutput: listener => outputTap.listen(listener),
    tails: () =>
      supervisor.workers.flatMap(({ slot, pid, outputTails }) =>
        (['stdout', 'stderr'] as const).flatMap(stream => {
          const text = outputTails[stream];
          return text === undefined || text === '' ? [] : [{ slot, pid, stream, text }];
        }),
      ),
    get streams() {
      const [worker] = supervisor.workers;
      const tails = worker?.outputTails ?? {};
      return (['stdout', 'stderr'] as const).filter(stream => tails[stream] !== undefined);
    },
    ask,
    metrics,
  };
}

function outcomeOf<Value>(command: Promise<Value>): Promise<CommandOutcome<Value>> {
  return new Promise(resolve => void commandOutcome(command, resolve));
}

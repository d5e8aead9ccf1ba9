import type { ExitCode } from '../exit-codes.js';
import type { ControlClient } from '../host/control-client.js';
import type { Io } from '../io.interface.js';

/** What a command got from the command line. @internal */
export interface CommandInput {
  readonly args: readonly string[];
  /** The options that were given. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly json: boolean;
}

/** Carries out a command on a host. @internal */
export type HostCommand = (client: ControlClient, input: CommandInput, io: Io) => Promise<ExitCode>;

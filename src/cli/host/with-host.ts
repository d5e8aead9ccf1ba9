import { tmpdir } from 'node:os';
import type { ControlHello } from '../../control/control-messages.js';
import { CliError } from '../cli.error.js';
import { cliMessages } from '../cli.messages.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.interface.js';
import { type HostChoice, matchingHosts } from './choose-host.js';
import type { ControlClient } from './control-client.js';
import { findHosts } from './find-hosts.js';

/** The options of every command that needs a host. @internal */
export interface HostOptions extends HostChoice {
  /** The directory of the sockets. */
  readonly control?: string | undefined;
}

/**
 * Finds the host that the options mean, and calls `use` with a connection to it.
 *
 * @throws CliError if there is none, or several
 * @internal
 */
export async function withHost<Result>(
  options: HostOptions,
  io: Pick<Io, 'env' | 'places'>,
  use: (client: ControlClient) => Promise<Result>,
): Promise<Result> {
  const { clients, problems, directories } = await findHosts({
    control: options.control,
    env: io.env,
    uid: process.geteuid?.(),
    tmpdir: tmpdir(),
  });
  try {
    const client = only(clients, options, io.places, problems, directories);
    clients.filter(each => each !== client).forEach(each => each.close());
    client.checkProtocol();
    return await use(client);
  } finally {
    clients.forEach(client => client.close());
  }
}

function only(
  clients: readonly ControlClient[],
  choice: HostChoice,
  places: readonly string[],
  problems: readonly string[],
  directories: readonly string[],
): ControlClient {
  const hosts = clients.map(({ hello }) => hello);
  const [found, ...others] = matchingHosts(hosts, choice, places);
  if (!found) {
    const message = cliMessages.noHost(choice, places, hosts, problems, directories);
    throw problems.length > 0 && hosts.length === 0
      ? new CliError(EXIT.unreachable, 'CLI_UNREACHABLE', message)
      : new CliError(EXIT.noHost, 'CLI_NO_HOST', message);
  }
  if (others.length > 0) {
    const message = cliMessages.severalHosts([found, ...others]);
    throw new CliError(EXIT.severalHosts, 'CLI_SEVERAL_HOSTS', message);
  }
  return clientOf(clients, found);
}

function clientOf(clients: readonly ControlClient[], hello: ControlHello): ControlClient {
  return clients.find(client => client.hello === hello)!;
}

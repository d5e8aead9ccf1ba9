import { lstatSync, readdirSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { controlDirectories } from '../../control/control-directories.js';
import { pidOfSocket } from '../../control/socket-name.js';
import { findPrivateDirectory } from '../../system/process/private-directory.js';
import { isStaleSocket } from '../../system/process/stale-socket.js';
import { printableError } from '../../system/text/printable.js';
import { cliMessages } from '../cli.messages.js';
import { ControlClient } from './control-client.js';

/** Milliseconds within which a host must say who it is. */
const TIMEOUT = 3_000;

const ROOT = 0;

/** Where to look for hosts. @internal */
export interface SearchTerms {
  /** The directory of the sockets, if the user has named it. */
  readonly control: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number | undefined;
  readonly tmpdir: string;
}

/** The hosts that were found. @internal */
export interface FoundHosts {
  readonly clients: readonly ControlClient[];
  /** Why others could not be reached. */
  readonly problems: readonly string[];
  /** The directories in which sockets are looked for. */
  readonly directories: readonly string[];
}

interface FoundSockets {
  readonly paths: readonly string[];
  /** Why the directory cannot be used. */
  readonly problem?: string;
}

/** Connects to all hosts of this user. The caller closes the connections. @internal */
export async function findHosts(terms: SearchTerms): Promise<FoundHosts> {
  const named = namedDirectory(terms);
  const directories = controlDirectories({ ...terms, control: named ?? true });
  const sockets = directories.map(directory =>
    socketsIn(directory, terms.uid, named !== undefined),
  );
  const opened = await Promise.all(sockets.flatMap(({ paths }) => paths).map(open));
  return {
    clients: opened.flatMap(each => (each instanceof ControlClient ? [each] : [])),
    problems: [
      ...sockets.flatMap(({ problem }) => problem ?? []),
      ...opened.flatMap(each => (typeof each === 'string' ? [each] : [])),
    ],
    directories,
  };
}

/** Returns the directory that the user has named with `--control` or `CLUSTER_CONTROL`. */
function namedDirectory({ control, env }: SearchTerms): string | undefined {
  if (control !== undefined) {
    return resolve(control);
  }
  const variable = env['CLUSTER_CONTROL'] ?? '';
  return isAbsolute(variable) ? variable : undefined;
}

/**
 * Returns the sockets in a directory which only its owner can change. Every user can create the default directories in
 * `/tmp`, and so root trusts another owner only in a directory that was named.
 */
function socketsIn(directory: string, uid: number | undefined, isNamed: boolean): FoundSockets {
  try {
    const entry = lstatSync(directory, { throwIfNoEntry: false });
    if (!entry) {
      return { paths: [] };
    }
    const owner = uid === ROOT && isNamed ? entry.uid : uid;
    const { path, why } = findPrivateDirectory(directory, owner);
    if (path === undefined) {
      return { paths: [], problem: cliMessages.unusableDirectory(directory, why) };
    }
    const names = readdirSync(path).filter(name => pidOfSocket(name) !== undefined);
    return { paths: names.map(name => join(path, name)) };
  } catch (error) {
    const why = `cannot be read (${printableError(error)})`;
    return { paths: [], problem: cliMessages.unusableDirectory(directory, why) };
  }
}

/** Returns the connection, or why there is none; `undefined` if the host has ended. */
async function open(path: string): Promise<ControlClient | string | undefined> {
  if (await isStaleSocket(path)) {
    return undefined;
  }
  try {
    return await ControlClient.open(path, TIMEOUT);
  } catch (error) {
    return lstatSync(path, { throwIfNoEntry: false }) && (error as Error).message;
  }
}

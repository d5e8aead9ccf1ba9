import { readdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { createPrivateDirectory } from '../../system/process/private-directory.js';
import { isRunning } from '../../system/process/process-identity.js';
import { isStaleSocket } from '../../system/process/stale-socket.js';
import { printableError } from '../../system/text/printable.js';
import { controlTexts } from '../control-text.js';
import { controlSocketPath, pidOfSocket } from '../socket-name.js';

/** Only the owner may read and write the socket. */
const UMASK = 0o177;

/** Containers that share a directory may have hosts with the same process id. */
const MAX_ATTEMPTS = 8;

/** The maximum number of files of ended hosts that are looked at. */
const MAX_STALE_FILES = 64;

/** The directories could not be used. @internal */
export class NoControlSocketError extends Error {
  override readonly name = 'NoControlSocketError';

  /**
   * @param reasons one for each directory
   */
  constructor(readonly reasons: readonly string[]) {
    super(controlTexts.unavailable(reasons));
  }
}

/** The application and the process id, which name the file. */
interface Named {
  readonly name: string;
  readonly pid: number;
}

/**
 * Has the server listen in the first of the directories that can be used. Later, removes the files of hosts that have
 * ended.
 *
 * @returns the path of the socket
 * @throws NoControlSocketError
 * @internal
 */
export async function listenPrivately(
  server: Server,
  directories: readonly string[],
  named: Named,
): Promise<string> {
  const reasons: string[] = [];
  for (const directory of directories) {
    const { path, why } = createPrivateDirectory(directory);
    if (path === undefined) {
      reasons.push(controlTexts.unusable(directory, why));
      continue;
    }
    const result = await listenIn(server, path, named);
    if ('path' in result) {
      // Nothing waits for it.
      void removeStaleSockets(path, result.path);
      return result.path;
    }
    reasons.push(result.why);
  }
  throw new NoControlSocketError(reasons);
}

async function listenIn(
  server: Server,
  directory: string,
  { name, pid }: Named,
): Promise<{ readonly path: string } | { readonly why: string }> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const path = controlSocketPath(directory, name, pid, attempt);
    if (path === undefined) {
      return { why: controlTexts.tooLong(directory) };
    }
    const error = await listen(server, path);
    if (!error) {
      return { path };
    }
    if (error.code !== 'EADDRINUSE') {
      return { why: controlTexts.unusable(directory, `cannot be used (${printableError(error)})`) };
    }
    // An ended host had this process id.
    if (await isStaleSocket(path)) {
      remove(path);
      const again = await listen(server, path);
      if (!again) {
        return { path };
      }
    }
  }
  return { why: controlTexts.unusable(directory, 'has sockets with all names of this host') };
}

function listen(server: Server, path: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise(resolve => {
    const onListening = (): void => finish(undefined);
    const onError = (error: NodeJS.ErrnoException): void => finish(error);
    const finish = (error: NodeJS.ErrnoException | undefined): void => {
      server.off('listening', onListening).off('error', onError);
      resolve(error);
    };
    server.once('listening', onListening).once('error', onError);
    // Node creates the file in this call, so that no other file is created with this mask.
    const mask = process.umask(UMASK);
    try {
      server.listen({ path });
    } finally {
      process.umask(mask);
    }
  });
}

/** Removes sockets whose process has ended, unless another process listens on them. */
async function removeStaleSockets(directory: string, own: string): Promise<void> {
  const stale = filesIn(directory)
    .map(file => ({ path: join(directory, file), pid: pidOfSocket(file) }))
    .filter(
      ({ path, pid }) =>
        path !== own && pid !== undefined && !isRunning({ pid, startedAt: undefined }),
    )
    .slice(0, MAX_STALE_FILES);
  for (const { path } of stale) {
    // A process of another container, with a process id that is unknown here, may listen.
    if (await isStaleSocket(path)) {
      remove(path);
    }
  }
}

function filesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Somebody else has removed it, or its file stays: nothing depends on it.
  }
}

import { join } from 'node:path';
import { MAX_SOCKET_PATH_BYTES } from '../system/process/socket-path.js';

const NAME = /-(\d+)(?:\.\d+)?\.sock$/;

/**
 * Returns the path of the control socket of a host: `<application>-<pid>.sock`. The name of the application is cut if the
 * path would be too long for a socket.
 *
 * @param attempt more than 0 if a host with the same process id, in another container, has the name already
 * @returns `undefined` if the directory leaves no space for a name
 * @internal
 */
export function controlSocketPath(
  directory: string,
  application: string,
  pid: number,
  attempt = 0,
): string | undefined {
  const end = `-${pid}${attempt > 0 ? `.${attempt}` : ''}.sock`;
  // An application's name has ASCII characters only.
  const space = MAX_SOCKET_PATH_BYTES - Buffer.byteLength(join(directory, end));
  return space < 1 ? undefined : join(directory, application.slice(0, space) + end);
}

/** Returns the process id in the name of a control socket; `undefined` if the file is something else. @internal */
export function pidOfSocket(file: string): number | undefined {
  const pid = NAME.exec(file)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

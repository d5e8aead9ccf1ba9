import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PACKAGE_VERSION } from '../../system/own-package.js';
import { controlDirectories } from '../control-directories.js';
import { CONTROL_PROTOCOL, type ControlHello } from '../control-messages.js';
import { applicationDirectories, workingDirectories } from '../launch-directories.js';
import { ControlServer } from './control-server.js';
import type { ControlledHost } from './controlled-host.interface.js';
import { listenPrivately } from './listen-privately.js';

/** @internal */
export interface ControlOptions {
  /** The option `control`. */
  readonly control: true | string;
  /** The name of the application. */
  readonly namespace: string;
}

/** An open control socket. @internal */
export interface OpenControl {
  readonly path: string;
  /** Tells clients that the host exits, and removes the socket. */
  close(exitCode: number): Promise<void>;
}

/**
 * Opens the control socket of this primary.
 *
 * @param onError called if the server fails later
 * @throws NoControlSocketError
 * @internal
 */
export async function openControl(
  host: ControlledHost,
  { control, namespace }: ControlOptions,
  onError: (error: Error) => void,
): Promise<OpenControl> {
  const { env, pid } = process;
  const hello: ControlHello = {
    type: 'hello',
    protocol: CONTROL_PROTOCOL,
    version: PACKAGE_VERSION,
    name: namespace,
    pid,
    directories: workingDirectories(env),
    applications: applicationDirectories(env),
  };
  const opened = new ControlServer(host, hello);
  const directories = controlDirectories({
    control,
    env,
    uid: process.geteuid?.(),
    tmpdir: tmpdir(),
  });
  const path = await listenPrivately(opened.server, directories, { name: namespace, pid });
  opened.server.on('error', onError);
  const remove = (): void => rmSync(path, { force: true });
  // However the process ends, unless it is killed.
  process.once('exit', remove);
  return {
    path,
    close: async exitCode => {
      process.off('exit', remove);
      remove();
      await opened.close(exitCode);
    },
  };
}

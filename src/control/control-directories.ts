import { isAbsolute, join } from 'node:path';

/** What decides where control sockets are. @internal */
export interface ControlPlace {
  /** The option `control`, unless it is `false`; a path is the directory itself. */
  readonly control: true | string;
  readonly env: NodeJS.ProcessEnv;
  /** The effective user id. */
  readonly uid: number | undefined;
  /** The directory for temporary files. */
  readonly tmpdir: string;
}

const NAME = 'nestjs-cluster';

/**
 * Returns the directories in which the control socket of a host may be, in order of preference. The first one that can be
 * used is taken.
 *
 * @internal
 */
export function controlDirectories({ control, env, uid, tmpdir }: ControlPlace): readonly string[] {
  if (typeof control === 'string') {
    return [control];
  }
  // systemd separates several directories by colons.
  const [ofService = ''] = (env['RUNTIME_DIRECTORY'] ?? '').split(':');
  const runtime = [ofService, env['XDG_RUNTIME_DIR'] ?? '']
    .filter(path => isAbsolute(path))
    .map(path => join(path, NAME));
  // All users share this directory. `/tmp` is short: the path of a socket must not be long.
  const temporary = [tmpdir, '/tmp'].map(path => join(path, `${NAME}-${uid ?? 'user'}`));
  return [...new Set([...runtime, ...temporary])];
}

// @ts-check

/**
 * @typedef {object} Installer
 * @property {string} command the command, for messages
 * @property {() => void} install
 */

/**
 * @typedef {object} InstallerFacts
 * @property {NodeJS.Platform} platform
 * @property {boolean} isRoot
 * @property {(program: string) => boolean} has whether it is on the PATH
 * @property {(command: readonly string[]) => void} run throws unless the exit code is 0
 */

/**
 * RUNLEVEL=1 keeps Debian's packages from starting their services, because the tests start their own servers. It is
 * set by `env`, because sudo passes no variables on.
 */
const APT_GET = ['env', 'RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];

/** Another apt-get may be running, for example on a machine that has just booted. */
const WAIT_FOR_LOCK = ['-o', 'DPkg::Lock::Timeout=120'];

/**
 * Returns how this machine can install a program without a prompt, if it can.
 *
 * @param {import('./needed-program.interface.js').NeededProgram} program
 * @param {InstallerFacts} facts
 * @returns {Installer | undefined}
 */
export function chooseInstaller(program, facts) {
  const commands = installCommands(program, facts);
  return (
    commands && {
      command: commands.map(command => command.join(' ')).join(' && '),
      install: () => commands.forEach(command => facts.run(command)),
    }
  );
}

/**
 * @param {import('./needed-program.interface.js').NeededProgram} program
 * @param {InstallerFacts} facts
 * @returns {string[][] | undefined}
 */
function installCommands({ apt, brew }, facts) {
  if (facts.platform === 'darwin') {
    return facts.has('brew') ? [['brew', 'install', ...brew]] : undefined;
  }
  const root = facts.has('apt-get') ? becomeRoot(facts) : undefined;
  return (
    root && [
      [...root, ...APT_GET, ...WAIT_FOR_LOCK, 'update'],
      [...root, ...APT_GET, ...WAIT_FOR_LOCK, 'install', '-y', '--no-install-recommends', apt],
    ]
  );
}

/**
 * @param {InstallerFacts} facts
 * @returns {string[] | undefined}
 */
function becomeRoot({ isRoot, run }) {
  if (isRoot) {
    return [];
  }
  const sudo = ['sudo', '-n'];
  try {
    run([...sudo, 'true']);
    return sudo;
  } catch {
    return undefined;
  }
}

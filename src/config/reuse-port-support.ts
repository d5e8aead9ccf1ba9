import { type ConfigProblem, wrongValue } from '../validation/config-problem.js';

/** The platforms on which Node has `reusePort`; https://nodejs.org/api/net.html#serverlistenoptions-callback */
const PLATFORMS: readonly NodeJS.Platform[] = ['linux', 'freebsd', 'sunos', 'aix'];

/**
 * Returns why Node or the platform cannot give each worker its own socket, if it cannot.
 *
 * @param option the name of the option as the user wrote it
 * @internal
 */
export function reusePortProblem(
  nodeVersion: string,
  platform: NodeJS.Platform,
  option = 'scheduling',
): ConfigProblem | undefined {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const supported = major >= 24 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
  return supported && PLATFORMS.includes(platform)
    ? undefined
    : wrongValue(
        option,
        'reuse-port',
        `'round-robin' or 'shared' on Node ${nodeVersion}, ${platform} ('reuse-port' needs Node 22.12 or later, and Linux)`,
      );
}

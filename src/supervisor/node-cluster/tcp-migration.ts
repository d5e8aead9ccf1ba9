/** https://docs.kernel.org/networking/ip-sysctl.html, `tcp_migrate_req` */
const SETTING = '/proc/sys/net/ipv4/tcp_migrate_req';

/**
 * Whether the kernel moves the queue of a closed `SO_REUSEPORT` listener to the other listeners.
 *
 * @internal
 */
export function connectionsMigrate(readFile: (path: string, encoding: 'utf8') => string): boolean {
  try {
    return readFile(SETTING, 'utf8').trim() === '1';
  } catch {
    // Another kernel, or one that is older than the setting.
    return false;
  }
}

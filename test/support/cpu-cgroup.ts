import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux distributions and container runtimes mount the cpu controller: v1, v1 of old, v2. */
const MOUNT_POINTS = ['/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/cpu', '/sys/fs/cgroup'];

/** A cgroup of the tests' own, which grants a number of CPUs to the processes in it. */
export class CpuCgroup {
  /** Why this machine does not let us make one; `undefined` if it does. */
  static whyNot(): string | undefined {
    try {
      new CpuCgroup('probe', 1.5).remove();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  readonly #directory: string;

  constructor(name: string, cpus: number) {
    const mountPoint = MOUNT_POINTS.find(hasCpuController);
    if (mountPoint === undefined) {
      throw new Error('no cgroup hierarchy with the cpu controller is mounted');
    }
    this.#directory = join(mountPoint, `nestjs-cluster-test-${process.pid}-${name}`);
    mkdirSync(this.#directory);
    try {
      this.#limit(cpus);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** The command that runs another one inside the group: only a process can move there itself. */
  command(program: string, args: readonly string[]): [program: string, args: string[]] {
    const procs = join(this.#directory, 'cgroup.procs');
    return ['/bin/sh', ['-c', 'echo $$ > "$0" && exec "$@"', procs, program, ...args]];
  }

  /** Fails while there are processes in it. */
  remove(): void {
    rmdirSync(this.#directory);
  }

  #limit(cpus: number): void {
    const period = 100_000;
    if (existsSync(join(this.#directory, 'cpu.cfs_quota_us'))) {
      writeFileSync(join(this.#directory, 'cpu.cfs_period_us'), String(period));
      writeFileSync(join(this.#directory, 'cpu.cfs_quota_us'), String(cpus * period));
    } else {
      writeFileSync(join(this.#directory, 'cpu.max'), `${cpus * period} ${period}`);
    }
  }
}

function hasCpuController(mountPoint: string): boolean {
  if (existsSync(join(mountPoint, 'cpu.cfs_period_us'))) {
    return true;
  }
  const handedDown = join(mountPoint, 'cgroup.subtree_control');
  return existsSync(handedDown) && readFileSync(handedDown, 'utf8').split(/\s/).includes('cpu');
}

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupController } from '../../src/system/limits/cgroup.js';

/** Where Linux distributions and container runtimes mount a controller: v1, v1 of older systems, v2. */
const MOUNT_POINTS: Readonly<Record<CgroupController, readonly string[]>> = {
  cpu: ['/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/cpu', '/sys/fs/cgroup'],
  memory: ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'],
};

/** The period of a CPU limit, in microseconds. */
const PERIOD = 100_000;

/** The files of cgroup v1 and their contents. They also exist without limits. */
const V1_FILES: Readonly<Record<CgroupController, (limit: number) => Record<string, number>>> = {
  cpu: cpus => ({ 'cpu.cfs_period_us': PERIOD, 'cpu.cfs_quota_us': cpus * PERIOD }),
  memory: bytes => ({ 'memory.limit_in_bytes': bytes }),
};

const V2_FILE: Readonly<Record<CgroupController, (limit: number) => [name: string, text: string]>> =
  {
    cpu: cpus => ['cpu.max', `${cpus * PERIOD} ${PERIOD}`],
    memory: bytes => ['memory.max', String(bytes)],
  };

/** The limits of the processes: CPUs, or bytes. */
export interface CgroupLimit {
  readonly controller: CgroupController;
  readonly limit: number;
}

/** A cgroup of the tests, with limits for its processes. */
export class Cgroup {
  /** Why this machine does not allow to create a cgroup; `undefined` if it does. */
  static whyNot(limit: CgroupLimit): string | undefined {
    try {
      new Cgroup('probe', limit).remove();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  readonly #directory: string;
  readonly #leaf: string;

  constructor(name: string, { controller, limit }: CgroupLimit) {
    const mountPoint = MOUNT_POINTS[controller].find(path => controls(path, controller));
    if (mountPoint === undefined) {
      throw new Error(`no cgroup hierarchy with the ${controller} controller is mounted`);
    }
    this.#directory = join(mountPoint, `nestjs-cluster-test-${process.pid}-${name}`);
    // The limit is on the parent of the group that contains the processes, as in a pod.
    this.#leaf = join(this.#directory, 'container');
    mkdirSync(this.#leaf, { recursive: true });
    try {
      this.#set(controller, limit);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** The prefix of a command that runs inside the group. A process must move itself there. */
  command(program: string, args: readonly string[]): [program: string, args: string[]] {
    const procs = join(this.#leaf, 'cgroup.procs');
    return ['/bin/sh', ['-c', 'echo $$ > "$0" && exec "$@"', procs, program, ...args]];
  }

  /** Fails while the group contains processes. */
  remove(): void {
    rmdirSync(this.#leaf);
    rmdirSync(this.#directory);
  }

  #set(controller: CgroupController, limit: number): void {
    const v1 = V1_FILES[controller](limit);
    const files = Object.keys(v1).every(name => existsSync(join(this.#directory, name)))
      ? Object.entries(v1)
      : [V2_FILE[controller](limit)];
    files.forEach(([name, value]) => writeFileSync(join(this.#directory, name), String(value)));
  }
}

function controls(mountPoint: string, controller: CgroupController): boolean {
  if (Object.keys(V1_FILES[controller](1)).every(name => existsSync(join(mountPoint, name)))) {
    return true;
  }
  const handedDown = join(mountPoint, 'cgroup.subtree_control');
  return (
    existsSync(handedDown) && readFileSync(handedDown, 'utf8').split(/\s/).includes(controller)
  );
}

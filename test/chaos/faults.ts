import { setTimeout as delay } from 'node:timers/promises';
import type { FaultProxy } from '../support/fault-proxy.js';
import type { RedisServer } from '../support/redis/redis-server.js';
import type { ClockSteps } from './clock-steps.js';
import type { Excuses } from './excuses.js';
import { type Host, RECOVERY_MILLISECONDS } from './host.js';
import type { Backend } from './settings.js';

/** The parts of a run on which faults act. */
export interface Scene {
  readonly host: Host;
  readonly workers: number;
  readonly excuses: Excuses;
  readonly random: () => number;
  readonly clocks: ClockSteps;
  /** Processes that were suspended for a while: they cannot have noticed that they lost a lock meanwhile. */
  readonly pausedPids: Set<number>;
  readonly redis?: { readonly server: RedisServer; readonly proxy: FaultProxy };
}

export interface Fault {
  readonly name: string;
  /** The backends on which the fault makes sense. State in memory ends with its primary. */
  readonly backends: readonly Backend[];
  /** Injects the fault, and resolves when the host is healthy again. */
  inject(scene: Scene): Promise<void>;
}

const BOTH: readonly Backend[] = ['memory', 'redis'];
const REDIS: readonly Backend[] = ['redis'];

/** Shorter than the heartbeat timeout and the timeout of calls on the state. */
const SHORT_PAUSE = 1_000;
/** Longer than the timeout of calls on the state. */
const OUTAGE = 3_000;

/** All faults. A run injects each of them equally often, in random order. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'kill a worker',
    backends: BOTH,
    inject: async scene => {
      scene.excuses.killed();
      await endOne(scene, 'SIGKILL');
    },
  },
  { name: 'stop a worker', backends: BOTH, inject: scene => endOne(scene, 'SIGTERM') },
  {
    name: 'pause a worker',
    backends: BOTH,
    inject: async scene => {
      const pid = anyOf(scene);
      await pause(scene, pid, SHORT_PAUSE);
      await scene.host.untilWhole();
    },
  },
  {
    name: 'hang a worker until it is replaced',
    backends: BOTH,
    inject: async scene => {
      const { host, excuses, pausedPids } = scene;
      const pid = anyOf(scene);
      const over = excuses.begin('hung');
      pausedPids.add(pid);
      process.kill(pid, 'SIGSTOP');
      try {
        await host.app.until(
          () => !host.app.workers.has(pid),
          RECOVERY_MILLISECONDS,
          `the hung worker ${pid} had been killed`,
        );
      } finally {
        resume(pid);
      }
      over();
      await host.untilWhole();
    },
  },
  {
    name: 'reload',
    backends: BOTH,
    inject: async ({ host }) => {
      const finished = host.app.until(
        event => event?.type === 'reloadFinished',
        RECOVERY_MILLISECONDS,
        'a reload had finished',
      );
      host.signal('SIGHUP');
      await finished;
      await host.untilWhole();
    },
  },
  {
    name: 'scale up and down',
    backends: BOTH,
    inject: async ({ host, workers }) => {
      host.signal('SIGTTIN');
      await host.untilWhole(workers + 1);
      host.signal('SIGTTOU');
      await host.untilWhole(workers);
    },
  },
  {
    name: 'pause the primary',
    backends: BOTH,
    inject: async scene => {
      await pause(scene, scene.host.app.primary!, SHORT_PAUSE);
      await scene.host.untilWhole();
    },
  },
  {
    name: 'step the clocks of all processes by an hour',
    backends: BOTH,
    inject: async ({ clocks, host }) => {
      await clocks.stepProcesses();
      await host.untilWhole();
    },
  },
  {
    name: 'stop the host and start it again',
    backends: REDIS,
    inject: async ({ host, excuses }) => {
      const up = excuses.begin('stopped');
      await host.restart();
      up();
      await host.untilWhole();
    },
  },
  {
    name: 'kill the primary and start the host again',
    backends: REDIS,
    inject: async ({ host, excuses }) => {
      const up = excuses.begin('killed');
      await host.killPrimary();
      up();
      await host.untilWhole();
    },
  },
  {
    name: 'cut the connections to Redis',
    backends: REDIS,
    inject: async ({ redis, host }) => {
      redis!.proxy.refuse();
      redis!.proxy.cutAll();
      await delay(SHORT_PAUSE);
      await redis!.proxy.accept();
      await host.untilWhole();
    },
  },
  {
    name: 'pause Redis',
    backends: REDIS,
    inject: async ({ redis, host }) => {
      await redis!.server.pause();
      await delay(OUTAGE);
      redis!.server.resume();
      await host.untilWhole();
    },
  },
  {
    name: 'kill Redis and start it again',
    backends: REDIS,
    inject: async ({ redis, host }) => {
      await redis!.server.kill();
      await delay(SHORT_PAUSE);
      await redis!.server.restart();
      await host.untilWhole();
    },
  },
];

function anyOf({ host, random }: Scene): number {
  const { ready } = host.app.workers;
  const pid = ready[Math.floor(random() * ready.length)];
  if (pid === undefined) {
    throw new Error('No worker is ready.');
  }
  return pid;
}

async function endOne(scene: Scene, signal: NodeJS.Signals): Promise<void> {
  const { host } = scene;
  const pid = anyOf(scene);
  process.kill(pid, signal);
  await host.app.until(
    () => !host.app.workers.has(pid),
    RECOVERY_MILLISECONDS,
    `worker ${pid} had ended`,
  );
  await host.untilWhole();
}

async function pause({ pausedPids }: Scene, pid: number, milliseconds: number): Promise<void> {
  pausedPids.add(pid);
  process.kill(pid, 'SIGSTOP');
  await delay(milliseconds);
  resume(pid);
}

/** Includes processes that have been killed meanwhile. */
function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // The process has ended.
  }
}

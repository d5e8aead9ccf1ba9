import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { Load } from '../support/load.js';
import { Prober } from '../support/prober.js';
import { Service } from '../support/service.js';
import { NOTHING_LOST } from '../support/under-load.js';

/** Milliseconds until a pod that has not ended is killed: the default of `terminationGracePeriodSeconds`. */
const GRACE = 30_000;

/** Milliseconds until every node knows that a pod receives no new connections. */
const PROPAGATION = 500;

afterEach(async () => {
  Service.stopAll();
  await Application.endAll();
});

/** A pod that is deleted. Records the steps of the deletion in order. */
class Pod {
  readonly history: string[] = [];

  constructor(
    readonly host: Application,
    private readonly service: Service,
    private readonly prober: Prober,
  ) {}

  /** Withdraws the pod from the service when its readiness probe has failed. */
  async withdrawnWhenUnready(): Promise<void> {
    await eventually(
      () => this.prober.last?.startsWith('503') ?? false,
      10_000,
      () => `It is ready: ${this.prober.history.join(', ')}`,
    );
    this.history.push('unready');
    await this.withdrawnSoon();
  }

  async withdrawnSoon(): Promise<void> {
    await delay(PROPAGATION);
    this.service.withdraw(this.host);
    this.history.push('withdrawn');
  }

  sigterm(): void {
    this.history.push('SIGTERM');
    this.host.signal('SIGTERM');
  }

  /** Resolves when the host has exited. */
  async gone(): Promise<void> {
    const { code, signal } = await this.host.exited;
    this.history.push(`exit ${code ?? signal}`);
  }
}

interface Procedure {
  readonly how: string;
  readonly env?: Record<string, string>;
  readonly terminate: (pod: Pod) => Promise<void>;
  readonly history: readonly string[];
}

const procedures: readonly Procedure[] = [
  {
    how: 'is unready first, by an indicator of its own, and gets its signal when that is known',
    terminate: async pod => {
      await fetch(pod.host.url('/maintenance?on=yes'), { method: 'POST' });
      await pod.withdrawnWhenUnready();
      pod.sigterm();
    },
    history: ['unready', 'withdrawn', 'SIGTERM', 'exit 0'],
  },
  {
    how: 'sleeps before its signal (preStop), while it is withdrawn',
    terminate: async pod => {
      await Promise.all([pod.withdrawnSoon(), delay(PROPAGATION * 2)]);
      pod.sigterm();
    },
    history: ['withdrawn', 'SIGTERM', 'exit 0'],
  },
  {
    how: 'gets its signal at once, and serves on until it is withdrawn (shutdown.readinessDelay)',
    env: { CLUSTER_SHUTDOWN_READINESS_DELAY: String(PROPAGATION * 3) },
    terminate: async pod => {
      pod.sigterm();
      await pod.withdrawnWhenUnready();
    },
    history: ['SIGTERM', 'unready', 'withdrawn', 'exit 0'],
  },
];

describe('a pod that Kubernetes ends', () => {
  it.each(procedures)(
    'loses no request where it $how',
    async ({ env = {}, terminate, history }) => {
      const host = await Application.ready('health/main', { env });
      const other = await Application.ready('health/main', { env: { CLUSTER_WORKERS: '1' } });
      const service = await Service.start([host, other]);
      const prober = new Prober(host.url('/health/ready'), { period: 100 });
      const load = new Load(`${service.url}/hello`, { keepAlive: 8, oneShot: 4 });
      try {
        await load.untilAnswered(100);
        const pod = new Pod(host, service, prober);
        const begunAt = performance.now();
        await terminate(pod);
        await pod.gone();
        expect(performance.now() - begunAt).toBeLessThan(GRACE);
        expect(pod.history).toEqual(history);
        await load.untilAnswered(load.report.answered + 100);
        await eventually(
          () => prober.last === 'refused',
          5_000,
          () => `Somebody answers: ${prober.history.join(', ')}`,
        );
      } finally {
        await load.stop();
        await prober.stop();
      }
      expect(load.report).toMatchObject(NOTHING_LOST);
      await host.noneLeft();
    },
  );
});

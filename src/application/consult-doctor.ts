import { Logger, type INestApplicationContext } from '@nestjs/common';
import { controlAnswersOf } from '../control/control-answers.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { doctorProtocol } from '../doctor/doctor.protocol.js';
import type { Runtime } from '../runtime/runtime.js';

/**
 * Has the doctor examine an application when it is ready. Its code is loaded then, and only if there is something to
 * examine: several workers, or Redis.
 *
 * @internal
 */
export function consultDoctor(
  app: INestApplicationContext,
  runtime: Runtime,
  { doctor: checks, workers, redis }: ResolvedClusterOptions,
): void {
  const { mode, host, worker, lifecycle } = runtime;
  // After scale(), there may be more workers than the option says.
  const several = mode === 'worker' ? Math.max(workers, worker.slot + 1) : 1;
  const hasSubject = several > 1 || (redis !== null && checks.includes('redis-eviction'));
  if (checks.length === 0 || !hasSubject) {
    return;
  }
  lifecycle.whenReady(() => {
    const channel = host.channel.open(doctorProtocol, () => {});
    const terms = { checks, workers: several, channel, logger: new Logger('Doctor') };
    const findings = import('../doctor/examine-application.js').then(({ examineApplication }) =>
      examineApplication(app, terms),
    );
    controlAnswersOf(runtime).provide('doctor', async () => (await findings)());
    const examined = findings
      // It only looks. What it cannot look at must not harm the application.
      .catch(() => {});
    // A worker that leaves at once reports, too.
    lifecycle.waitUntil(examined);
  });
}

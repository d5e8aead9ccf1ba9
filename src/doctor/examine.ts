import type { DoctorCheck } from '../config/doctor-checks.js';
import type { Check, Facts } from './check.interface.js';
import { databasePoolsCheck } from './checks/database-pools.check.js';
import {
  cacheCheck,
  graphqlCheck,
  scheduleCheck,
  throttlerCheck,
} from './checks/modules-in-memory.js';
import { promClientCheck } from './checks/prom-client.check.js';
import { socketIoCheck } from './checks/socket-io.check.js';
import { typeormMigrationsCheck } from './checks/typeorm-migrations.check.js';
import type { Finding } from './finding.interface.js';

/** The checks of an application that has bootstrapped. */
const CHECKS: Readonly<Partial<Record<DoctorCheck, Check>>> = {
  schedule: scheduleCheck,
  throttler: throttlerCheck,
  cache: cacheCheck,
  'socket.io': socketIoCheck,
  graphql: graphqlCheck,
  'prom-client': promClientCheck,
  'typeorm-migrations': typeormMigrationsCheck,
  'database-pools': databasePoolsCheck,
};

/** The names that the inventory must have for {@link examine}. @internal */
export const WANTED: ReadonlySet<string> = new Set(
  Object.values(CHECKS).flatMap(({ wants }) => wants),
);

/**
 * Returns what is wrong with an application. A check that fails, because something only looks like what it expects,
 * finds nothing.
 *
 * @internal
 */
export function examine(facts: Facts, checks: readonly DoctorCheck[]): readonly Finding[] {
  return checks.flatMap(check => {
    try {
      return CHECKS[check]?.examine(facts) ?? [];
    } catch {
      return [];
    }
  });
}

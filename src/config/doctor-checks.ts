/** A check of the doctor. `docs/doctor.md` describes each of them. @publicApi */
export type DoctorCheck =
  | 'cache'
  | 'database-pools'
  | 'graphql'
  | 'namespace'
  | 'prom-client'
  | 'redis-eviction'
  | 'schedule'
  | 'session'
  | 'socket.io'
  | 'throttler'
  | 'typeorm-migrations';

/** What the doctor looks for. @publicApi */
export interface DoctorOptions {
  /** Checks whose warnings are not logged, because what they report is intended. @defaultValue [] */
  readonly ignore?: readonly DoctorCheck[] | undefined;
}

/** All checks. @internal */
export const DOCTOR_CHECK_NAMES: Readonly<Record<DoctorCheck, true>> = {
  cache: true,
  'database-pools': true,
  graphql: true,
  namespace: true,
  'prom-client': true,
  'redis-eviction': true,
  schedule: true,
  session: true,
  'socket.io': true,
  throttler: true,
  'typeorm-migrations': true,
};

/** The names of all checks. @internal */
export const DOCTOR_CHECKS = Object.keys(DOCTOR_CHECK_NAMES) as readonly DoctorCheck[];

/** The last sentence of a warning that can be switched off. @internal */
export function howToIgnore(check: DoctorCheck): string {
  return `To ignore this, set doctor: { ignore: ['${check}'] }, or CLUSTER_DOCTOR=-${check}`;
}

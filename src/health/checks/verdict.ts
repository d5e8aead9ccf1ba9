/** `degraded` still serves requests, `down` does not. @publicApi */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** A status with its reasons. @publicApi */
export interface Verdict {
  /** `degraded`: it still serves, but needs attention. */
  readonly status: HealthStatus;
  /** The reasons why it is not `up`, one sentence each. */
  readonly problems: readonly string[];
}

/** A reason for a status other than `up`. @internal */
export interface Problem {
  readonly status: Exclude<HealthStatus, 'up'>;
  readonly says: string;
}

/** Returns the worst status of the problems. @internal */
export function verdictOn(problems: readonly Problem[]): Verdict {
  const isDown = problems.some(({ status }) => status === 'down');
  const status = isDown ? 'down' : problems.length > 0 ? 'degraded' : 'up';
  return { status, problems: problems.map(({ says }) => says) };
}

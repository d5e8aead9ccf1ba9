/** How something is: `degraded` still serves, `down` does not. @publicApi */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** How something is, and why. @publicApi */
export interface Verdict {
  /** `degraded`: it serves, and somebody should look. */
  readonly status: HealthStatus;
  /** Why it is not `up`, a sentence each. */
  readonly problems: readonly string[];
}

/** Why something is not `up`. @internal */
export interface Problem {
  readonly status: Exclude<HealthStatus, 'up'>;
  readonly says: string;
}

/** As bad as the worst of it. @internal */
export function verdictOn(problems: readonly Problem[]): Verdict {
  const isDown = problems.some(({ status }) => status === 'down');
  const status = isDown ? 'down' : problems.length > 0 ? 'degraded' : 'up';
  return { status, problems: problems.map(({ says }) => says) };
}

import type { Limit } from './health-limits.js';
import type { Problem } from './verdict.js';

/** Returns the problem if a value has reached a limit; otherwise an empty list. @internal */
export function exceed(
  value: number,
  { degraded, down }: Limit,
  says: (value: number, limit: number) => string,
): Problem[] {
  if (down !== undefined && value >= down) {
    return [{ status: 'down', says: says(value, down) }];
  }
  if (degraded !== undefined && value >= degraded) {
    return [{ status: 'degraded', says: says(value, degraded) }];
  }
  return [];
}

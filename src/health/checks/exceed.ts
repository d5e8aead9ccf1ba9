import type { Limit } from './health-limits.js';
import type { Problem } from './verdict.js';

/** What is wrong with a value that has reached a limit; nothing if it has not. @internal */
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

import { randomUUID } from 'node:crypto';
import { PRIMARY_PID_VARIABLE, START_VARIABLE } from '../model/internal-variables.js';
import { isWorker } from './current-role.js';

/**
 * Returns what identifies this start of the host: all of its workers return the same text, now and after a reload.
 *
 * @internal
 */
export function hostStart(env: NodeJS.ProcessEnv = process.env): string {
  const primary = (isWorker() ? env[PRIMARY_PID_VARIABLE] : undefined) ?? String(process.pid);
  // Child processes inherit the variable, and may be hosts of their own.
  const known = env[START_VARIABLE];
  const start = known?.startsWith(`${primary}:`) ? known : `${primary}:${randomUUID()}`;
  env[START_VARIABLE] = start;
  return start;
}

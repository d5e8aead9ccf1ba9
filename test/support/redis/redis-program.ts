import { findProgram } from '../packages/provide-program.mjs';
import { REDIS_SERVER } from './redis-server-program.mjs';

/**
 * Returns the path of the server program for the tests: the one that `TEST_REDIS_SERVER` names, else the one on the
 * PATH, which the global setup installs if it is missing.
 */
export function redisProgram(): string {
  const path = process.env['TEST_REDIS_SERVER'] || findProgram(REDIS_SERVER);
  if (path === undefined) {
    throw new Error(`Neither ${REDIS_SERVER.names.join(' nor ')} is on the PATH.`);
  }
  return path;
}

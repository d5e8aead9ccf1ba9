import { findProgram } from '../packages/provide-program.mjs';
import { REDIS_SERVER } from './redis-server-program.mjs';

/** The path of a server that is installed: the global setup has seen to one. */
export function redisProgram(): string {
  const path = findProgram(REDIS_SERVER);
  if (path === undefined) {
    throw new Error(`Neither ${REDIS_SERVER.names.join(' nor ')} is on the PATH.`);
  }
  return path;
}

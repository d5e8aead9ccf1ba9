import { machine } from './machine.mjs';

/** The same as for the server that all tests share; the global setup has seen to one of them. */
const NAMES = ['redis-server', 'valkey-server'];

/** The path of a server that is installed. */
export function redisProgram(): string {
  const path = NAMES.map(name => machine.find(name)).find(found => found !== undefined);
  if (path === undefined) {
    throw new Error(`Neither ${NAMES.join(' nor ')} is on the PATH.`);
  }
  return path;
}

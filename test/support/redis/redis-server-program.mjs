// @ts-check
import { WHAT_TO_DO } from './redis.messages.mjs';

/** @type {import('../packages/needed-program.interface.js').NeededProgram} */
export const REDIS_SERVER = {
  what: 'a Redis server',
  // Some distributions have Valkey in place of Redis. It uses the same protocol.
  names: ['redis-server', 'valkey-server'],
  apt: 'redis-server',
  brew: ['redis'],
  variable: 'TEST_REDIS_URL',
  whatToDo: WHAT_TO_DO,
};

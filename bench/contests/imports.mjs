import { createRequire } from 'node:module';
import { contest } from '../support/contest.mjs';

const LOADS = {
  /** @param {string} name */
  import: name => import(name),
  require: createRequire(import.meta.url),
};

const load = LOADS[/** @type {keyof typeof LOADS} */ (process.argv[2])];

/** CPU time of this process in milliseconds. */
const now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

await contest(async () => {
  const begunAt = now();
  await load('@nestjs/common');
  await load('@nestjs/core');
  const nestAt = now();
  await load('nestjs-cluster');
  return { nest: nestAt - begunAt, ours: now() - nestAt };
});

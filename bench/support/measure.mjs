import { cpuMilliseconds } from './cpu.mjs';
import { watchOthers } from './noise.mjs';

/** @typedef {{ perSecond: number, cpuMicroseconds: number }} Throughput per second, per request */

/**
 * Measures servers alternately.
 *
 * @param {import('./load.mjs').LoadGenerator} generator
 * @param {readonly import('./server.mjs').Server[]} servers
 * @param {Omit<import('./load.mjs').Load, 'ports'>} load
 * @returns {Promise<Throughput[]>} of each server, in their order
 */
export async function measure(generator, servers, load) {
  const processes = servers.map(({ pid, workers }) => [...new Set([pid, ...workers])]);
  const all = [generator.pid, ...processes.flat()];
  const noteOthers = watchOthers(all);
  const before = processes.map(cpuMilliseconds);
  const results = await generator.run({ ...load, ports: servers.map(({ port }) => port) });
  const after = processes.map(cpuMilliseconds);
  noteOthers(all);
  return results.map(({ requests, milliseconds }, index) => ({
    perSecond: (requests / milliseconds) * 1000,
    cpuMicroseconds: (((after[index] ?? NaN) - (before[index] ?? NaN)) * 1000) / requests,
  }));
}

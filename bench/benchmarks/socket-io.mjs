import { cpuMilliseconds } from '../support/cpu.mjs';
import { installPeers, peerVersion } from '../support/peers.mjs';
import { inTurn, rounds, withRunning } from '../support/rounds.mjs';
import { runContest } from '../support/run-contest.mjs';
import { startSockets, startSticky, startWebSockets } from '../support/socket-candidates.mjs';

const ROUNDS = 5;
/** Waves of 100 clients. Code of the servers is still being compiled during the first 1,500 sessions. */
const WARM_UP = 15;
const WAVES = 6;

/**
 * @typedef {{ p50: number, perSecond: number, faults: number, cpu: number }} Result `cpu` of the servers per session
 * @typedef {'default' | 'polling' | 'webSocket'} Kind
 */

/** @type {Record<Kind, string>} */
const TRANSPORTS = {
  default: 'polling,websocket',
  polling: 'polling',
  webSocket: 'websocket',
};

/**
 * Sessions of Socket.IO in four workers.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function socketIo(progress) {
  installPeers();
  const samples = await rounds(ROUNDS, progress, async round => ({
    ...(await compare(round, startSticky, ['default', 'polling'])),
    ...(await compare(round, () => startWebSockets('none'), ['webSocket'])),
  }));
  const row = (/** @type {Kind} */ kind, /** @type {keyof Result} */ what) => ({
    unit: what === 'perSecond' ? 'sessions/s' : 'ms',
    values: samples.map(sample => sample[kind]?.[0]?.[what] ?? NaN),
    base: samples.map(sample => sample[kind]?.[1]?.[what] ?? NaN),
  });
  const sticky = `@socket.io/sticky ${peerVersion('@socket.io/sticky')}`;
  const faults = (/** @type {number} */ index) =>
    samples
      .flatMap(sample => [sample.default?.[index], sample.polling?.[index]])
      .reduce((sum, result) => sum + (result?.faults ?? 0), 0);
  return {
    title: `sessions of Socket.IO in 4 workers ÷ ${sticky}`,
    notes: [
      `${ROUNDS} rounds of new processes, in alternate waves of 100 clients, after a warm-up of 1,500 sessions. Each connects and gets 20 acknowledgements, one after the other: that is the latency.`,
      'The clients are those of Socket.IO, in one process that shares the cores. The rows of WebSockets have the 20-line node:cluster program as their base.',
      `Reconnects and connection errors: ${faults(0)} here, ${faults(1)} with sticky.`,
    ],
    rows: [
      { name: 'default client, p50', ...row('default', 'p50'), target: { atMost: 0.7 } },
      { name: 'default client', ...row('default', 'perSecond'), target: { atLeast: 1.3 } },
      { name: 'default client, CPU per session', ...row('default', 'cpu') },
      { name: 'polling only, p50', ...row('polling', 'p50') },
      { name: 'polling only', ...row('polling', 'perSecond') },
      { name: 'polling only, CPU per session', ...row('polling', 'cpu') },
      {
        name: 'WebSocket only ÷ bare processes',
        ...row('webSocket', 'perSecond'),
        target: { atLeast: 0.95 },
      },
      { name: 'WebSocket only ÷ bare processes, CPU per session', ...row('webSocket', 'cpu') },
    ],
  };
}

/**
 * @param {number} round
 * @param {() => Promise<import('../support/server.mjs').Server>} startPeer
 * @param {readonly Kind[]} kinds
 * @returns {Promise<Partial<Record<Kind, readonly Result[]>>>} ours, and that of the peer
 */
function compare(round, startPeer, kinds) {
  return withRunning(inTurn([() => startSockets(), startPeer], round), async running => {
    const servers = inTurn(running, round);
    /** @type {Partial<Record<Kind, readonly Result[]>>} */
    const results = {};
    const spent = () => servers.map(({ pid, workers }) => cpuMilliseconds([pid, ...workers]));
    /**
     * @param {Kind} kind
     * @param {number} waves
     * @returns {Promise<(Omit<Result, 'cpu'> & { sessions: number })[]>}
     */
    const run = (kind, waves) =>
      runContest('socket-io-sessions', {
        round,
        servers,
        args: [TRANSPORTS[kind], String(waves), ...servers.map(({ port }) => String(port))],
      });
    for (const kind of kinds) {
      await run(kind, kind === kinds[0] ? WARM_UP : 2);
      const before = spent();
      const figures = await run(kind, WAVES);
      const after = spent();
      results[kind] = figures.map((each, index) => ({
        ...each,
        cpu: ((after[index] ?? NaN) - (before[index] ?? NaN)) / each.sessions,
      }));
    }
    return results;
  });
}

/**
 * Clients of Socket.IO connect, wait for acknowledgements one after the other, and close. The arguments are the
 * transports (`polling,websocket` for the default), the number of waves of clients, and the ports of the servers that
 * are compared.
 */
import { Agent } from 'node:http';
import { io } from 'socket.io-client';
import { percentile } from '../support/statistics.mjs';
import { inTurn } from '../support/rounds.mjs';

const CLIENTS = 100;
const ACKNOWLEDGEMENTS = 20;
const TIMEOUT_MILLISECONDS = 20_000;

const [transports = '', waves, ...ports] = process.argv.slice(2);
const round = Number(process.env['BENCH_ROUND']);

/** @type {{ latencies: number[], milliseconds: number, faults: number }[]} */
const results = ports.map(() => ({ latencies: [], milliseconds: 0, faults: 0 }));
for (let turn = 0; turn < Number(waves); turn++) {
  const order = inTurn([...ports.keys()], round + turn);
  for (const index of order) {
    const result = results[index];
    const wave = await runWave(Number(ports[index]));
    if (result) {
      result.latencies.push(...wave.latencies);
      result.milliseconds += wave.milliseconds;
      result.faults += wave.faults;
    }
  }
}
const summaries = results.map(({ latencies, milliseconds, faults }) => ({
  p50: percentile(latencies, 0.5),
  perSecond: (latencies.length / milliseconds) * 1000,
  faults,
  sessions: latencies.length,
}));
process.stdout.write(`@result ${JSON.stringify(summaries)}\n`, () => process.exit());

/** @param {number} port */
async function runWave(port) {
  const begunAt = performance.now();
  const sessions = await Promise.all(Array.from({ length: CLIENTS }, () => runSession(port)));
  return {
    latencies: sessions.map(({ milliseconds }) => milliseconds),
    faults: sessions.reduce((sum, { faults }) => sum + faults, 0),
    milliseconds: performance.now() - begunAt,
  };
}

/** @param {number} port */
async function runSession(port) {
  // Browsers keep connections, too.
  const agent = new Agent({ keepAlive: true });
  const begunAt = performance.now();
  const socket = io(`http://127.0.0.1:${port}`, {
    forceNew: true,
    transports: transports.split(','),
    agent: /** @type {any} */ (agent),
    reconnectionDelay: 10,
  });
  let faults = 0;
  socket.on('connect_error', () => faults++);
  socket.on('disconnect', () => faults++);
  for (let number = 0; number < ACKNOWLEDGEMENTS;) {
    try {
      number = (await socket.timeout(TIMEOUT_MILLISECONDS).emitWithAck('echo', number)) + 1;
    } catch {
      // A disconnected socket sends it again.
      faults++;
    }
  }
  const milliseconds = performance.now() - begunAt;
  socket.off('disconnect').close();
  agent.destroy();
  return { milliseconds, faults };
}

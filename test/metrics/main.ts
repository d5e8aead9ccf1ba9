/**
 * `npm run verify:metrics`: metrics through reloads and kills. Workers under load are reloaded, killed and blocked, while
 * two scrapers read the metrics: one from the workers, one from the primary.
 *
 * `RELOADS` and `KILLS` are the numbers of reloads and kills (20), `WORKERS` is the number of workers (2).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Application } from '../support/application.js';
import { freePort } from '../support/free-port.mjs';
import { compareTotals, CountedLoad, type Kill, Scraper } from '../support/metrics-checker.js';

const reloads = Number(process.env['RELOADS'] ?? 20);
const kills = Number(process.env['KILLS'] ?? 20);
const workers = Number(process.env['WORKERS'] ?? 2);

const HEARTBEAT = 1_000;

/** Milliseconds by which a report may be late: it is collected, written and read. */
const LATE = 500;

const BLOCK = 2_000;

/** Milliseconds that a scrape may take while a worker is blocked. */
const LIMIT = 200;

const port = await freePort();
const app = await Application.ready('metrics/main', {
  env: { CLUSTER_WORKERS: String(workers), METRICS_PORT: String(port) },
});
const load = new CountedLoad(app.url(''), 8);
const ofWorkers = new Scraper(app.url('/metrics'), 150);
const ofPrimary = new Scraper(`http://127.0.0.1:${port}/metrics`, 150);
const killed: Kill[] = [];
/** Scrapes from both while another worker was blocked. */
const durations: number[] = [];

function living(): number[] {
  const exited = new Set(app.of('workerExited').map(({ pid }) => pid));
  return app
    .of('workerReady')
    .map(({ pid }) => pid)
    .filter(pid => !exited.has(pid));
}

async function allReady(): Promise<void> {
  await app.until(() => living().length === workers, 60_000);
}

async function reload(): Promise<void> {
  const before = app.count('reloadFinished');
  app.signal('SIGHUP');
  await app.until(() => app.count('reloadFinished') > before, 60_000);
  await allReady();
}

async function kill(): Promise<void> {
  // At any time between two reports.
  await delay(Math.random() * 2 * HEARTBEAT);
  const [pid = 0] = living();
  killed.push({ pid, at: Date.now() });
  process.kill(pid, 'SIGKILL');
  await app.until(() => app.of('workerExited').some(event => event.pid === pid));
  await allReady();
}

/** Blocks a worker, but not the one that answers the scraper. */
async function block(): Promise<void> {
  const scraped = await ofWorkers.ask(app.url('/work/pid'));
  const begunAt = Date.now();
  for (;;) {
    const url = app.url(`/block?ms=${BLOCK}&not=${scraped}`);
    const response = await fetch(url, { method: 'POST', headers: { connection: 'close' } });
    if ((await response.text()) !== scraped) {
      break;
    }
  }
  const within = [ofWorkers, ofPrimary].flatMap(({ scrapes }) =>
    scrapes.filter(scrape => scrape.begunAt >= begunAt),
  );
  durations.push(...within.map(({ duration }) => duration));
}

for (let turn = 0; turn < Math.max(reloads, kills); turn++) {
  if (turn < reloads) {
    await reload();
  }
  if (turn < kills) {
    await kill();
  }
  if (turn % 4 === 0) {
    await block();
  }
  console.log(`${turn + 1}: ${load.answered} answers, ${load.failed} failed`);
}
await load.stop();
await delay(2 * HEARTBEAT);
await Promise.all([ofWorkers, ofPrimary].map(scraper => scraper.stop()));

const total = ofPrimary.scrapes.at(-1)?.samples.get('answered_total') ?? 0;
const { missing, allowed, isGood } = compareTotals(total, load, killed, HEARTBEAT + LATE);
const slowest = Math.max(...durations);
const decreases = [...ofWorkers.decreases, ...ofPrimary.decreases];
console.log(
  [
    `${reloads} reloads, ${killed.length} kills, ${load.answered} answers, ${load.failed} requests without one`,
    `${ofWorkers.scrapes.length} scrapes from workers (${ofWorkers.failures.length} failed with their worker), ` +
      `${ofPrimary.scrapes.length} from the primary (${ofPrimary.failures.length} failed)`,
    `${decreases.length} counters have decreased: ${decreases.slice(0, 5).join(', ') || '–'}`,
    `${missing} answers are not in the total; killed workers have answered ${allowed} since their last reports`,
    `${durations.length} scrapes with a blocked worker, the slowest took ${slowest} ms`,
  ].join('\n'),
);
await Application.endAll();
const isRight =
  isGood &&
  decreases.length === 0 &&
  ofPrimary.failures.length === 0 &&
  durations.length > 0 &&
  slowest <= LIMIT;
console.log(isRight ? 'All is well' : 'FAILED');
process.exitCode = isRight ? 0 : 1;

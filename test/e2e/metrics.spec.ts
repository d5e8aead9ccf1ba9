import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { readPage } from '../support/docs/read-page.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.mjs';
import { compareTotals, CountedLoad, type Kill, Scraper } from '../support/metrics-checker.js';
import { samplesOf } from '../support/metrics-samples.js';

const HEARTBEAT = 1_000;

const RESOURCE = fileURLToPath(new URL('../support/note-resource.mjs', import.meta.url));

let app: Application;
let port: number;
const scrapers = new Set<Scraper>();

beforeAll(async () => {
  port = await freePort();
  app = await Application.ready('metrics/main', { env: { METRICS_PORT: String(port) } });
});

afterEach(async () => {
  await Promise.all([...scrapers].map(scraper => scraper.stop()));
  scrapers.clear();
});

afterAll(() => Application.endAll());

function scrape(url: string, pause = 100): Scraper {
  const scraper = new Scraper(url, pause);
  scrapers.add(scraper);
  return scraper;
}

const ofPrimary = (): string => `http://127.0.0.1:${port}/metrics`;

async function samples(url: string): Promise<Map<string, number>> {
  return samplesOf(await (await fetch(url, { headers: { connection: 'close' } })).text());
}

/** Seconds since the last report of a worker. */
function reportAge(shown: ReadonlyMap<string, number>, slot: number): number {
  return shown.get(`nestjs_cluster_worker_last_report_age_seconds{slot="${slot}"}`) ?? Infinity;
}

/** Waits until the metrics say this, and returns them. */
async function until(
  condition: (shown: ReadonlyMap<string, number>) => boolean,
  url = ofPrimary(),
): Promise<ReadonlyMap<string, number>> {
  let shown: ReadonlyMap<string, number> = new Map();
  await eventually(
    async () => {
      shown = await samples(url);
      return condition(shown);
    },
    20_000,
    () => `${JSON.stringify([...shown])}\n${app.output}`,
  );
  return shown;
}

describe('the metrics of a host', () => {
  it('are those of all workers, whichever is asked', async () => {
    const load = new CountedLoad(app.url(''), 4);
    await eventually(
      () => load.answers.size === 2 && load.answered > 50,
      20_000,
      () => app.output,
    );
    await load.stop();
    await until(shown => shown.get('answered_total') === load.answered);
    for (let worker = 0; worker < 2; worker++) {
      const shown = await samples(app.url('/metrics'));
      expect(shown.get('answered_total')).toBe(load.answered);
      expect(shown.get('open_requests')).toBe(0);
      const route = 'http_request_method="GET",http_route="/work/:id"';
      expect(
        shown.get(
          `http_server_request_duration_seconds_count{${route},http_response_status_code="200"}`,
        ),
      ).toBe(load.answered);
      expect(shown.get('nestjs_cluster_workers{state="ready"}')).toBe(2);
      for (const slot of [0, 1]) {
        for (const name of ['resident_memory_bytes', 'requests_total']) {
          expect(shown.get(`nestjs_cluster_worker_${name}{slot="${slot}"}`)).toBeGreaterThan(0);
        }
        expect(reportAge(shown, slot)).toBeLessThan(10);
      }
    }
  });

  it('have exemplars in OpenMetrics', async () => {
    await fetch(app.url('/orders'), { method: 'POST' });
    await until(shown => (shown.get('orders_total') ?? 0) > 0);
    const response = await fetch(ofPrimary(), {
      headers: { accept: 'application/openmetrics-text;version=1.0.0' },
    });
    const text = await response.text();
    expect(text).toMatch(/^orders_total 1 # \{trace_id="abc\\"1"\} 1 \d+(\.\d+)?$/m);
    expect(text.endsWith('# EOF\n')).toBe(true);
  });

  it('count a request without an answer, whose client has gone', async () => {
    const gone = new AbortController();
    const request = fetch(app.url('/never'), { signal: gone.signal }).catch(() => {});
    await app.until(() => app.noted('asked').length > 0);
    gone.abort();
    await request;
    const name = 'http_server_request_duration_seconds_count';
    await until(shown => shown.get(`${name}{http_request_method="GET",http_route="/never"}`) === 1);
  });

  it('are answered within 200 ms, while another worker is blocked, or all of them', async () => {
    const fromWorker = scrape(app.url('/metrics'), 50);
    const fromPrimary = scrape(ofPrimary(), 50);
    const scraped = await fromWorker.ask(app.url('/work/pid'));
    const begunAt = Date.now();
    let blocked = scraped;
    while (blocked === scraped) {
      const url = app.url(`/block?ms=3000&not=${scraped}`);
      const headers = { connection: 'close' };
      blocked = await (await fetch(url, { method: 'POST', headers })).text();
    }
    const during = [fromWorker, fromPrimary].map(({ scrapes }) =>
      scrapes.filter(each => each.begunAt >= begunAt),
    );
    for (const scrapes of during) {
      expect(scrapes.length).toBeGreaterThan(5);
      // The median: the machine of the tests may be busy.
      const durations = scrapes.map(({ duration }) => duration).toSorted((one, two) => one - two);
      expect(durations[Math.floor(durations.length / 2)]).toBeLessThan(200);
      const ages = scrapes.flatMap(({ samples: shown }) =>
        [0, 1].map(slot => reportAge(shown, slot)),
      );
      expect(Math.max(...ages)).toBeGreaterThan(1.5);
    }
    const blocks = [1, 2, 3, 4].map(() =>
      fetch(app.url('/block?ms=1500'), { method: 'POST', headers: { connection: 'close' } }),
    );
    await until(shown => [0, 1].every(slot => reportAge(shown, slot) > 1.2));
    await Promise.all(blocks);
  });

  it('never decrease, and add up, through reloads and kills', async () => {
    const before = (await until(shown => shown.has('answered_total'))).get('answered_total')!;
    const both = [scrape(app.url('/metrics')), scrape(ofPrimary())];
    const load = new CountedLoad(app.url(''), 4);
    const killed: Kill[] = [];
    for (let turn = 1; turn <= 2; turn++) {
      app.signal('SIGHUP');
      await app.until(() => app.count('reloadFinished') >= turn);
      await eventually(
        () => load.answered > turn * 50,
        20_000,
        () => app.output,
      );
      const { pid } = app.of('workerReady').at(-1)!;
      killed.push({ pid, at: Date.now() });
      process.kill(pid, 'SIGKILL');
      const ready = app.count('workerReady');
      await app.until(() => app.count('workerReady') > ready);
    }
    await load.stop();
    const stoppedAt = Date.now();
    // Both workers have reported since then.
    const shown = await until(found =>
      [0, 1].every(slot => reportAge(found, slot) * 1_000 < Date.now() - stoppedAt - 50),
    );
    const total = shown.get('answered_total')! - before;
    expect(compareTotals(total, load, killed, HEARTBEAT + 1_000)).toMatchObject({ isGood: true });
    expect(both.flatMap(({ decreases }) => decreases)).toEqual([]);
    expect(both.map(({ scrapes }) => scrapes.length > 10)).toEqual([true, true]);
    expect(both[1]!.failures).toEqual([]);
    expect(Object.fromEntries(shown)).toMatchObject({
      nestjs_cluster_generation: 2,
      nestjs_cluster_workers_wanted: 2,
      'nestjs_cluster_reloads_total{result="done"}': 2,
      nestjs_cluster_reload_duration_seconds_count: 2,
      'nestjs_cluster_worker_exits_total{reason="crashed"}': 2,
      'nestjs_cluster_drain_duration_seconds_count{phase="connections"}': shown.get(
        'nestjs_cluster_worker_exits_total{reason="left"}',
      ),
    });
    expect(shown.get('nestjs_cluster_worker_exits_total{reason="left"}')).toBeGreaterThan(2);
  });
});

const resourceOf = (worker: string): object => ({
  'service.name': 'shop',
  'service.instance.id': `${hostname()}-${worker}`,
});

/** The sample of docs/opentelemetry.md, as a file. */
async function instanceId(directory: string): Promise<string> {
  const [, sample = ''] =
    /```js\n(\/\/ instance-id[^]*?)```/.exec(readPage('opentelemetry.md')) ?? [];
  const file = join(directory, 'instance-id.mjs');
  await writeFile(file, sample);
  return file;
}

describe('on Fastify, with a prefix, and a primary that has not loaded the application', () => {
  let directory: string;
  let fastify: Application;
  let url: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-'));
    const primaryPort = await freePort();
    url = `http://127.0.0.1:${primaryPort}/metrics`;
    fastify = await Application.ready('metrics/main', {
      execs: true,
      nodeArgs: ['--import', await instanceId(directory), '--import', RESOURCE],
      env: {
        FASTIFY: '1',
        PREFIX: 'api',
        METRICS_PORT: String(primaryPort),
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop',
      },
    });
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('the metrics are those of all workers, on both ports', async () => {
    await fetch(fastify.url('/api/work/1'));
    const shown = await until(found => found.get('answered_total') === 1, url);
    const route = 'http_request_method="GET",http_route="/api/work/:id"';
    expect(
      shown.get(
        `http_server_request_duration_seconds_count{${route},http_response_status_code="200"}`,
      ),
    ).toBe(1);
    expect((await samples(fastify.url('/api/metrics'))).get('answered_total')).toBe(1);
  });

  it('each worker has an identity for OpenTelemetry, also after a reload', async () => {
    fastify.signal('SIGHUP');
    await fastify.until(() => fastify.count('reloadFinished') > 0);
    const attributes = fastify.noted('resource').map(note => note['attributes']);
    expect(attributes).toHaveLength(4);
    expect(attributes).toEqual(
      expect.arrayContaining(['0-0', '1-0', '0-1', '1-1'].map(worker => resourceOf(worker))),
    );
  });
});

it('fails to start if the port is in use', async () => {
  const failing = await Application.start('metrics/main', { env: { METRICS_PORT: String(port) } });
  expect(await failing.exited).toMatchObject({ code: 1 });
  expect(failing.output).toContain(`The port ${port} of ClusterMetricsModule cannot be opened`);
});

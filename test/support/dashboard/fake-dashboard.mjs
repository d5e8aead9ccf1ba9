import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { mixedHost, overviewOf, SECTIONS } from './fake-host.mjs';

const ASSETS = fileURLToPath(new URL('../../../src/dashboard/assets/', import.meta.url));
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { js: 'text/javascript', css: 'text/css', html: 'text/html' };

/**
 * Serves the page of the dashboard without an application. Tests say what the host does, and see what the page asks.
 */
export class FakeDashboard {
  /**
   * The latest update of the host at a time.
   *
   * @type {(at: number) => ReturnType<typeof mixedHost>}
   */
  host = mixedHost;
  /**
   * The sections of the views at a time.
   *
   * @type {Record<string, (at: number) => unknown>}
   */
  sections = { ...SECTIONS };
  /**
   * Properties of the first message.
   *
   * @type {Record<string, unknown>}
   */
  extra = {};
  /**
   * Properties of each update.
   *
   * @type {Record<string, unknown>}
   */
  change = {};
  /** If set, every request is answered with this status. */
  refuses = 0;
  /**
   * Answers to POST requests by their path: a status and a body.
   *
   * @type {Record<string, readonly [status: number, body: unknown]>}
   */
  answers = {};
  /**
   * The POST requests.
   *
   * @type {{ path: string; body: unknown; isOurs: boolean }[]}
   */
  posts = [];
  connections = 0;

  /** Forgets what a test has changed, and what has happened. */
  reset() {
    this.host = mixedHost;
    this.sections = { ...SECTIONS };
    [this.extra, this.change, this.answers, this.posts] = [{}, {}, {}, []];
    [this.refuses, this.connections] = [0, 0];
  }

  #streams = new Set();
  #server = createServer((request, response) => {
    this.#answer(request, response).catch(error => response.destroy(error));
  });

  /** @param {number} [port] */
  static async start(port = 0) {
    const fake = new FakeDashboard();
    await new Promise(resolve => fake.#server.listen(port, '127.0.0.1', resolve));
    return fake;
  }

  /** The number of streams that are open. */
  get open() {
    return this.#streams.size;
  }

  get url() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}/cluster`;
  }

  /** Sends the next update, and the section, to every page. */
  tick(events = []) {
    for (const stream of this.#streams) {
      const at = Date.now();
      stream.send('update', { ...this.host(at), ...this.change, events });
      stream.section(at);
    }
  }

  /** Sends the updates that a host sends. */
  tickEvery(interval = 2_000) {
    const timer = setInterval(() => this.tick(), interval);
    return () => clearInterval(timer);
  }

  /** Ends the streams: with a `bye`, as a worker that drains, or without, as one that crashes. */
  endStreams({ bye = false } = {}) {
    for (const { response, send } of this.#streams) {
      if (bye) {
        send('bye', {});
        response.end();
      } else {
        response.destroy();
      }
    }
    this.#streams.clear();
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, 'http://fake');
    const path = pathname.replace(/^\/cluster\/?/, '');
    response.setHeader('content-security-policy', CSP);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    if (this.refuses > 0) {
      response.writeHead(this.refuses, { 'content-type': 'text/plain' }).end('refused');
    } else if (request.method === 'POST') {
      await this.#post(path, request, response);
    } else if (path === 'stream') {
      this.#stream(searchParams.get('view'), request, response);
    } else {
      await this.#file(path, response);
    }
  }

  async #file(path, response) {
    const name = path === '' ? 'index.html' : path.replace(/^assets\//, '');
    const text = await readFile(`${ASSETS}${name}`, 'utf8').catch(() => undefined);
    const type = TYPES[name.replace(/.*\./, '')];
    if (text === undefined || type === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.end(text.replace('__BASE__', './cluster/'));
  }

  #stream(view, request, response) {
    this.connections++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 500\n\n');
    const send = (name, data) =>
      response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    const section = at => {
      const made = this.sections[view]?.(at);
      if (made !== undefined) {
        send('section', { view, section: made });
      }
    };
    const stream = { response, send, section };
    this.#streams.add(stream);
    request.on('close', () => this.#streams.delete(stream));
    const at = Date.now();
    send('overview', overviewOf({ ...this.host(at), ...this.change }, this.extra));
    section(at);
  }

  async #post(path, request, response) {
    const chunks = await request.toArray();
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const isOurs = request.headers['x-cluster-dashboard'] === '1';
    this.posts.push({ path, body, isOurs });
    const [status, data] = this.answers[path] ?? [404, { message: 'Not found' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(data));
  }
}

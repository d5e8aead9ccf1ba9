import { request } from 'node:http';
import type { DashboardOverview } from '../../src/dashboard/page-messages.js';
import type { OverviewUpdate } from '../../src/overview/overview.interface.js';
import type { Application } from './application.js';
import { EventStream } from './event-stream.js';

type Headers = Readonly<Record<string, string>>;

/** A message of a stream: the overview, an update, a section, or the end, which is empty. */
export type DashboardMessage = Partial<DashboardOverview> &
  Partial<OverviewUpdate> & { readonly view?: string; readonly section?: unknown };

/** A page of the dashboard, without a browser: what it requests of the server. */
export class DashboardPage {
  constructor(
    private readonly app: Application,
    private readonly path: string,
    private readonly headers: Headers = {},
  ) {}

  /** Requests something on a new connection, so that any worker may answer. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { connection: 'close', ...this.headers, ...(init.headers as Headers) };
    return fetch(this.app.url(`${this.path}${path}`), { ...init, headers });
  }

  post(path: string, body: object, init: RequestInit = {}): Promise<Response> {
    return this.fetch(path, {
      ...init,
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        'x-cluster-dashboard': '1',
        'sec-fetch-site': 'same-origin',
        ...(init.headers as Headers),
      },
    });
  }

  /** Carries out an action. */
  async act<Result>(action: string, body: object = {}): Promise<Result & { status: number }> {
    const response = await this.post(`/actions/${action}`, body);
    return { ...((await response.json()) as Result), status: response.status };
  }

  /** Opens a stream, and returns it with its first message. */
  async open(view = 'workers'): Promise<OpenStream> {
    const url = this.app.url(`${this.path}/stream?view=${view}`);
    const stream = await EventStream.open<DashboardMessage>(url, 'text/event-stream', this.headers);
    const first = await stream.next();
    return Object.assign(stream, { overview: first as DashboardOverview });
  }

  /** Opens streams, each when the one before has ended, until a message meets the condition. */
  async reconnectUntil(accept: (message: DashboardMessage) => boolean): Promise<void> {
    for (;;) {
      const stream = await this.open();
      let message: DashboardMessage | undefined = stream.overview;
      while (message && !accept(message)) {
        message = await stream.next();
      }
      if (message) {
        await stream.close();
        return;
      }
    }
  }

  /** Opens a stream that the worker in a slot serves. */
  async openOf(slot: number): Promise<OpenStream> {
    for (;;) {
      const stream = await this.open();
      if (stream.overview.self.slot === slot) {
        return stream;
      }
      await stream.close();
    }
  }

  /** The status of a request with another `Host`, which `fetch()` cannot set. */
  statusFor(host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = { host, ...this.headers };
      const sent = request(this.app.url(this.path), { headers, agent: false }, response => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', reject).end();
    });
  }
}

export type OpenStream = EventStream<DashboardMessage> & {
  readonly overview: DashboardOverview;
};

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Socket } from 'socket.io-client';
import { openBrowser } from '../browser.js';

const require = createRequire(import.meta.url);

/** The client as browsers load it. */
const CLIENT = join(
  dirname(require.resolve('socket.io-client/package.json')),
  'dist/socket.io.min.js',
);

/** Echoes of each session. */
const ECHOES = 3;

type ClientOptions = { readonly transports?: readonly string[] };

/** What the sessions of a page have seen. */
export interface SessionsSeen {
  /** How many have done everything. */
  readonly sessions: number;
  /** The process ids of the workers. */
  readonly workers: readonly number[];
  /** The transports at the end of the sessions. */
  readonly transports: readonly string[];
  /** Connection errors, disconnects and wrong answers. */
  readonly faults: readonly string[];
}

/** A page of Chromium with the client of Socket.IO, in a browser context of its own: contexts share no connections. */
export class SocketPage {
  /**
   * Opens pages of an application.
   *
   * @param url any page of it. Chromium does not let a page that the test makes up open WebSockets to this machine.
   */
  static async openMany(count: number, url: string): Promise<SocketPage[]> {
    const browser = await openBrowser();
    const client = await readFile(CLIENT, 'utf8');
    return Promise.all(
      Array.from({ length: count }, async () => {
        const page = await (await browser.newContext()).newPage();
        await page.goto(url);
        await page.addScriptTag({ content: client });
        return new SocketPage(page);
      }),
    );
  }

  private constructor(private readonly page: Page) {}

  /**
   * Runs sessions one after the other in several lanes. Each exchanges acknowledgements, and closes.
   *
   * @param count sessions of all lanes
   */
  run(count: number, lanes: number, options: ClientOptions): Promise<SessionsSeen> {
    return this.page.evaluate(runSessions, { count, lanes, options, echoes: ECHOES });
  }

  /** Sends requests one after the other, and returns how many of them needed a new connection. */
  newConnections(path: string, requests: number): Promise<number> {
    return this.page.evaluate(countNewConnections, { path, requests });
  }
}

interface Sessions {
  readonly count: number;
  readonly lanes: number;
  readonly echoes: number;
  readonly options: ClientOptions;
}

/** Runs in the page. */
async function runSessions({ count, lanes, options, echoes }: Sessions): Promise<SessionsSeen> {
  const { io } = globalThis as unknown as { io: (options: object) => Socket };
  const workers = new Set<number>();
  const transports = new Set<string>();
  const faults: string[] = [];
  let begun = 0;
  let sessions = 0;
  const session = async (): Promise<void> => {
    const socket = io({ forceNew: true, ...options });
    const { engine } = socket.io;
    const upgraded = options.transports
      ? undefined
      : new Promise<void>(resolve => {
          engine.once('upgrade', () => resolve());
          engine.once('upgradeError', error => {
            faults.push(error.message);
            resolve();
          });
        });
    socket.on('connect_error', error => faults.push(error.message));
    socket.on('disconnect', reason => faults.push(reason));
    workers.add(await new Promise<number>(resolve => socket.once('worker', resolve)));
    const echo = async (value: number): Promise<void> => {
      const answer: unknown = await socket.timeout(10_000).emitWithAck('echo', value);
      if (answer !== value) {
        faults.push(`${String(answer)} instead of ${value}`);
      }
    };
    for (let value = 0; value < echoes; value++) {
      await echo(value);
    }
    await upgraded;
    await echo(echoes);
    transports.add(engine.transport.name);
    socket.off('disconnect');
    socket.close();
    sessions++;
  };
  const lane = async (): Promise<void> => {
    while (begun++ < count) {
      await session();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { sessions, workers: [...workers], transports: [...transports], faults };
}

/** Runs in the page. */
async function countNewConnections({
  path,
  requests,
}: {
  readonly path: string;
  readonly requests: number;
}): Promise<number> {
  performance.clearResourceTimings();
  for (let request = 0; request < requests; request++) {
    await (await fetch(path, { cache: 'no-store' })).text();
  }
  const url = new URL(path, (globalThis as unknown as { location: URL }).location.href).href;
  const entries = performance.getEntriesByName(url, 'resource') as unknown as readonly {
    readonly connectStart: number;
    readonly connectEnd: number;
  }[];
  if (entries.length !== requests) {
    throw new Error(`${entries.length} of ${requests} requests were recorded`);
  }
  return entries.filter(({ connectStart, connectEnd }) => connectStart !== connectEnd).length;
}

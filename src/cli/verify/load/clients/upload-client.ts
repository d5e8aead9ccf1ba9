import type { Agent, ClientRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.interface.js';
import { exchange } from './http-exchange.js';
import { untilRetry } from '../retry.js';
import type { Tally } from '../tally.js';
import { transportFor } from './http-transport.js';

/** The number of pieces of a body; one is sent every tenth of a second. */
const PIECES = 20;
const BETWEEN_PIECES_MILLISECONDS = 100;
const UPLOAD_MILLISECONDS = PIECES * BETWEEN_PIECES_MILLISECONDS;

/** @internal */
export interface UploadClientOptions {
  readonly url: URL;
  readonly patience: number;
  readonly type: string;
  readonly body: Buffer;
}

/**
 * Uploads a body slowly, as over a bad line: a request takes two seconds. Its latency is the time from the last
 * piece to the response.
 *
 * @internal
 */
export class UploadClient implements Client {
  readonly isConnected = true;
  readonly #agent: Agent;
  #stopped = false;

  constructor(
    private readonly options: UploadClientOptions,
    private readonly tally: Tally,
  ) {
    this.#agent = transportFor(options.url).agent(true);
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.#upload();
    }
    this.#agent.destroy();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #upload(): Promise<void> {
    const { url, patience, type, body } = this.options;
    let { phase } = this.tally;
    let sentAt = performance.now();
    const { requestFailure } = await exchange({
      url,
      agent: this.#agent,
      method: 'POST',
      headers: { 'Content-Type': type, 'Content-Length': body.length },
      patience: patience + UPLOAD_MILLISECONDS,
      send: async (request, isOver) => {
        await sendSlowly(request, body, isOver);
        sentAt = performance.now();
        ({ phase } = this.tally);
      },
      check: answer => complaintAbout(answer, body.length),
    });
    if (requestFailure) {
      this.tally.fail('upload', requestFailure);
      await untilRetry();
    } else {
      this.tally.answer('upload', performance.now() - sentAt, phase);
    }
  }
}

async function sendSlowly(
  request: ClientRequest,
  body: Buffer,
  isOver: () => boolean,
): Promise<void> {
  const size = Math.ceil(body.length / PIECES);
  let sent = 0;
  while (sent + size < body.length && !isOver()) {
    request.write(body.subarray(sent, sent + size));
    sent += size;
    await delay(BETWEEN_PIECES_MILLISECONDS);
  }
  if (!isOver()) {
    request.end(body.subarray(sent));
  }
}

/**
 * Returns what is wrong with the response to an upload, if something is. If the response contains a size, such as
 * `{ "bytes": 65536 }`, it must be the size that was sent.
 *
 * @internal
 */
export function complaintAbout(answer: string, sent: number): string | undefined {
  let said: unknown;
  try {
    said = JSON.parse(answer);
  } catch {
    return undefined;
  }
  const bytes = (said as { bytes?: unknown } | null)?.bytes;
  return typeof bytes === 'number' && bytes !== sent
    ? `${bytes} of ${sent} bytes received`
    : undefined;
}

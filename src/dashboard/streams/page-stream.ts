import type { ServerResponse } from 'node:http';
import { endEventStream } from '../../drain/http/event-stream.js';
import { onClosed } from '../responses.js';

/** Bytes that may wait for a browser that reads slowly. With more, its stream ends: it connects again, and gets everything. */
const MAX_UNREAD_BYTES = 4 * 2 ** 20;

/** How long a browser waits before it connects again. */
const RETRY = 'retry: 500\n\n';

/** Returns a message of a stream. The data is JSON, which has no line breaks. @internal */
export function eventText(name: string, json: string): string {
  return `event: ${name}\ndata: ${json}\n\n`;
}

/** A comment, which keeps proxies from closing a stream that is silent. @internal */
export const KEEP_ALIVE = ':\n\n';

const BYE = eventText('bye', '{}');

/** What streams write to. @internal */
export interface PageStream {
  send(text: string): void;
  /** Tells the page to connect again, and ends its stream. */
  end(): void;
  /** Calls the listener when the stream is over, at once if it is. */
  onClosed(listener: () => void): void;
}

/** The stream of one page. @internal */
export class ResponseStream implements PageStream {
  /**
   * @param response whose head has been written
   */
  constructor(private readonly response: ServerResponse) {
    response.write(RETRY);
  }

  send(text: string): void {
    const { response } = this;
    if (response.destroyed || response.writableEnded) {
      return;
    }
    if (response.writableLength > MAX_UNREAD_BYTES) {
      response.destroy();
    } else {
      response.write(text);
    }
  }

  end(): void {
    this.send(BYE);
    endEventStream(this.response);
  }

  onClosed(listener: () => void): void {
    onClosed(this.response, listener);
  }
}

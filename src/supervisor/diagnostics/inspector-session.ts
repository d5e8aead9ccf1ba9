import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { deferred } from '../../system/async/deferred.js';
import { isRecord } from '../../system/is-record.js';
import { type Frame, FrameReader, OPCODES, textFrame } from './web-socket-frame.js';

/** The end of the head of an HTTP response. */
const HEAD_END = '\r\n\r\n';

/** An inspector answers with less; whoever sends more is none. */
const MAX_HEAD_BYTES = 16 * 1024;

type Listener = (params: unknown) => void | Promise<void>;

interface Pending {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** Somebody else listens at the address of an inspector. @internal */
export class NoInspectorError extends Error {
  override readonly name = 'NoInspectorError';
}

/**
 * A connection to the inspector of another process, which speaks the Chrome DevTools Protocol over a WebSocket.
 *
 * It has a WebSocket of its own: Node 20 has no client. What arrives is only read as fast as the listeners handle it, so that
 * a large heap snapshot does not pile up in this process.
 *
 * @internal
 */
export class InspectorSession {
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Listener>();
  readonly #closed = deferred();
  #last = 0;
  #end: Error | undefined;

  private constructor(private readonly socket: Socket) {}

  /**
   * Connects to the inspector at an address such as `ws://127.0.0.1:9229/<id>`.
   *
   * @param signal ends the connection, at any time
   * @throws Error if there is no inspector at this address, or if the signal aborts
   */
  static open(url: URL, signal: AbortSignal): Promise<InspectorSession> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(url.port), signal });
    const session = new InspectorSession(socket);
    return new Promise((resolve, reject) => {
      void session.#read(() => resolve(session)).finally(() => reject(session.#end!));
      socket.write(upgradeRequest(url));
    });
  }

  /** Resolves when the connection has closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Sends a command, and resolves with its result.
   *
   * @throws Error if the command fails, or if the connection closes first
   */
  async command(method: string, params: object = {}): Promise<unknown> {
    const { result, error } = parse(await this.rawCommand(method, params));
    if (error !== undefined) {
      const { message } = isRecord(error) ? error : {};
      throw new Error(`${method} failed: ${String(message)}`);
    }
    return result;
  }

  /** As `command()`, but resolves with the reply as it was sent: to parse a long one would block this process. */
  rawCommand(method: string, params: object = {}): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#end) {
        reject(this.#end);
        return;
      }
      const id = ++this.#last;
      this.#pending.set(id, { resolve, reject });
      this.socket.write(textFrame(JSON.stringify({ id, method, params })));
    });
  }

  /** Resolves with the value of an expression, which must be representable in JSON. */
  async evaluate(expression: string): Promise<unknown> {
    const reply = await this.command('Runtime.evaluate', {
      expression,
      returnByValue: true,
      silent: true,
    });
    const { result } = isRecord(reply) ? reply : {};
    return isRecord(result) ? result['value'] : undefined;
  }

  /** Calls the listener with the parameters of each such event. Nothing more is read until its promise resolves. */
  on(event: string, listener: Listener): void {
    this.#listeners.set(event, listener);
  }

  close(): void {
    this.socket.destroy();
  }

  /** Reads until the connection closes. Never rejects. */
  async #read(onUpgraded: () => void): Promise<void> {
    const frames = new FrameReader();
    let head: Buffer | undefined = Buffer.alloc(0);
    let end: unknown;
    try {
      for await (const chunk of this.socket as AsyncIterable<Buffer>) {
        let rest = chunk;
        if (head) {
          const found = headIn((head = Buffer.concat([head, chunk])));
          if (!found) {
            continue;
          }
          head = undefined;
          rest = found.rest;
          // Commands follow later: Node drops data that arrives together with the request.
          onUpgraded();
        }
        for (const frame of frames.take(rest)) {
          await this.#onFrame(frame);
        }
      }
    } catch (error) {
      end = error;
    }
    this.socket.destroy();
    this.#onEnd(end instanceof Error ? end : new Error('The inspector has closed the connection.'));
  }

  async #onFrame({ opcode, payload }: Frame): Promise<void> {
    if (opcode === OPCODES.close) {
      this.socket.destroy();
      return;
    }
    if (opcode !== OPCODES.text) {
      return;
    }
    const id = replyId(payload);
    if (id !== undefined) {
      this.#pending.get(id)?.resolve(payload);
      this.#pending.delete(id);
    } else if (this.#listeners.size > 0) {
      const { method, params } = parse(payload);
      await this.#listeners.get(String(method))?.(params);
    }
  }

  #onEnd(error: Error): void {
    this.#end = error;
    this.#pending.forEach(({ reject }) => reject(error));
    this.#pending.clear();
    this.#listeners.clear();
    this.#closed.resolve();
  }
}

/** @throws NoInspectorError if it is no answer of an inspector */
function headIn(received: Buffer): { readonly rest: Buffer } | undefined {
  const end = received.indexOf(HEAD_END);
  if (end === -1 && received.length < MAX_HEAD_BYTES) {
    return undefined;
  }
  if (!received.toString('latin1', 0, 32).startsWith('HTTP/1.1 101 ')) {
    throw new NoInspectorError('There is no inspector at this address.');
  }
  return { rest: received.subarray(end + HEAD_END.length) };
}

/** Returns the id of a reply; `undefined` for an event. V8 writes the id first, so that a long reply is not parsed here. */
function replyId(payload: Buffer): number | undefined {
  const head = payload.toString('latin1', 0, 32);
  const [, first] = /^\{"id":(\d+)[,}]/.exec(head) ?? [];
  const id = first ?? (head.startsWith('{"method":') ? undefined : parse(payload)['id']);
  return id === undefined ? undefined : Number(id);
}

/** @throws Error if it is no JSON object */
function parse(payload: Buffer): Record<string, unknown> {
  const message: unknown = JSON.parse(payload.toString());
  if (!isRecord(message)) {
    throw new Error('The inspector sent something unexpected.');
  }
  return message;
}

function upgradeRequest({ pathname, host }: URL): string {
  const lines = [
    `GET ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
  ];
  return lines.join('\r\n') + HEAD_END;
}

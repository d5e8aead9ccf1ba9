import { connect, type Socket } from 'node:net';
import {
  CONTROL_PROTOCOL,
  type ControlHello,
  type ControlReply,
  type ControlRequestName,
  type ControlRequests,
} from '../../control/control-messages.js';
import { LineReader } from '../../control/line-reader.js';
import { CliError } from '../cli.error.js';
import { EXIT } from '../exit-codes.js';
import { cliMessages } from '../cli.messages.js';
import { parseHello, parseReply } from './parse-reply.js';

/** The maximum length of a reply: the metrics of many workers are the longest. */
const MAX_REPLY_BYTES = 256 * 2 ** 20;

interface Pending {
  readonly onItem: (value: unknown) => void;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to the control socket of a host.
 *
 * @internal
 */
export class ControlClient {
  readonly #lines = new LineReader(MAX_REPLY_BYTES);
  readonly #pending = new Map<number, Pending>();
  #hello: ControlHello | undefined;
  #end: CliError | undefined;
  #last = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly onHello: (error?: CliError) => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', error => this.#close(cliMessages.unreachable(error.message)));
    socket.once('close', () => this.#close(cliMessages.hostGone()));
  }

  /**
   * Connects, and resolves when the host has said who it is.
   *
   * @throws CliError if nobody answers in time
   */
  static async open(path: string, timeout: number): Promise<ControlClient> {
    const socket = connect({ path });
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ControlClient>((resolve, reject) => {
        const client: ControlClient = new ControlClient(socket, error =>
          error ? reject(error) : resolve(client),
        );
        timer = setTimeout(() => reject(unreachable(cliMessages.silent(path, timeout))), timeout);
      });
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The host. */
  get hello(): ControlHello {
    return this.#hello!;
  }

  /** @throws CliError if the host speaks another protocol */
  checkProtocol(): void {
    if (this.hello.protocol !== CONTROL_PROTOCOL) {
      throw unreachable(cliMessages.otherProtocol(this.hello));
    }
  }

  /**
   * Sends a request, and resolves with the value of its last reply.
   *
   * @param onItem called with the values of the replies before
   * @throws CliError
   */
  request<Name extends ControlRequestName>(
    request: Name,
    params: ControlRequests[Name],
    onItem: (value: unknown) => void = () => {},
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#end) {
        reject(this.#end);
        return;
      }
      const id = ++this.#last;
      this.#pending.set(id, { onItem, resolve, reject });
      this.socket.write(`${JSON.stringify({ id, request, ...params })}\n`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    const lines = this.#lines.take(chunk);
    if (!lines) {
      this.#close(cliMessages.tooLong());
      this.socket.destroy();
      return;
    }
    lines.forEach(line => (this.#hello ? this.#onLine(line) : this.#onHello(line)));
  }

  #onHello(line: string): void {
    this.#hello = parseHello(line);
    if (this.#hello) {
      this.onHello();
      return;
    }
    const parsed = parseReply(line);
    const isRefusal = parsed.type === 'reply' && parsed.reply.type === 'refused';
    this.#close(isRefusal ? parsed.reply.error.message : cliMessages.notAHost());
  }

  #onLine(line: string): void {
    const parsed = parseReply(line);
    if (parsed.type === 'reply') {
      this.#onReply(parsed.reply);
    } else if (parsed.type === 'malformed') {
      // It may be the last reply to a request, which would wait for ever.
      this.#close(cliMessages.invalidValue(parsed.why));
      this.socket.destroy();
    }
  }

  #onReply(reply: ControlReply): void {
    if (reply.type === 'refused') {
      this.#close(reply.error.message);
      return;
    }
    const pending = this.#pending.get(reply.id);
    if (!pending) {
      return;
    }
    if (reply.type === 'item') {
      this.#onItem(reply.id, pending, reply.value);
      return;
    }
    this.#pending.delete(reply.id);
    if (reply.type === 'done') {
      pending.resolve(reply.value);
    } else {
      const { code, message, worker } = reply.error;
      const isImpossible = code === 'CONTROL_INVALID' || code === 'CONTROL_NO_REDIS';
      const exitCode = isImpossible ? EXIT.usage : EXIT.failed;
      pending.reject(new CliError(exitCode, code, message, worker));
    }
  }

  #onItem(id: number, { onItem, reject }: Pending, value: unknown): void {
    try {
      onItem(value);
    } catch (error) {
      this.#pending.delete(id);
      reject(error as Error);
    }
  }

  /** Rejects everything that waits. The first reason counts. */
  #close(why: string): void {
    this.#end ??= unreachable(why);
    this.onHello(this.#end);
    this.#pending.forEach(({ reject }) => reject(this.#end!));
    this.#pending.clear();
  }
}

function unreachable(why: string): CliError {
  return new CliError(EXIT.unreachable, 'CLI_UNREACHABLE', why);
}

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client of a control socket that sends what a test wants. */
export class ControlClient {
  readonly messages: Record<string, unknown>[] = [];
  isClosed = false;
  #rest = '';
  #wake: () => void = () => {};

  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.once('end', () => socket.end());
    socket.once('close', () => {
      this.isClosed = true;
      this.#wake();
    });
    socket.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      this.messages.push(...lines.map(line => JSON.parse(line) as Record<string, unknown>));
      this.#wake();
    });
  }

  /** Connects, and waits for the hello. */
  static async open(path: string): Promise<ControlClient> {
    const socket = connect({ path, allowHalfOpen: true });
    await once(socket, 'connect');
    const client = new ControlClient(socket);
    await client.until(() => client.messages.length > 0);
    return client;
  }

  send(...messages: (object | string)[]): void {
    const lines = messages.map(each => (typeof each === 'string' ? each : JSON.stringify(each)));
    this.socket.write(lines.map(line => `${line}\n`).join(''));
  }

  /** The replies without the hello. */
  get replies(): Record<string, unknown>[] {
    return this.messages.filter(({ type }) => type !== 'hello');
  }

  /** Waits until a condition of what has arrived holds. Rejects if the connection closes first. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.isClosed) {
        throw new Error(`The connection has closed after ${JSON.stringify(this.messages)}`);
      }
      await new Promise<void>(resolve => (this.#wake = resolve));
    }
  }

  /** Waits for so many replies. */
  async answered(count: number): Promise<Record<string, unknown>[]> {
    await this.until(() => this.replies.length >= count);
    return this.replies;
  }

  async closed(): Promise<void> {
    await this.until(() => this.isClosed);
  }
}

import { EventEmitter } from 'node:events';
import type { RedisNode } from '../../../src/redis/connection/redis-client.interface.js';

/** The commands that a client has sent, and the answers of a test. */
interface Question {
  readonly command: string;
  readonly name: string;
  resolve(): void;
  reject(error: Error): void;
}

/** A client without a server. It answers at once, unless a test holds the answers. */
export class FakeRedisNode extends EventEmitter {
  status = 'ready';
  options: Record<string, unknown> = { host: 'fake', port: 1 };
  condition: { readonly protocol?: number } = { protocol: 3 };
  answers = true;
  /** Whether the user may not subscribe to a name. */
  refuses: (name: string) => boolean = () => false;
  /** Whether the client may reconnect, one entry for each lost connection. */
  readonly cuts: boolean[] = [];
  readonly questions: Question[] = [];

  /** The subset of the interface that a subscriber needs. */
  get node(): RedisNode {
    return this as unknown as RedisNode;
  }

  get asked(): string[] {
    return this.questions.map(({ command, name }) => `${command} ${name}`);
  }

  subscribe = this.#command('subscribe');
  unsubscribe = this.#command('unsubscribe');
  psubscribe = this.#command('psubscribe');
  punsubscribe = this.#command('punsubscribe');
  ssubscribe = this.#command('ssubscribe');
  sunsubscribe = this.#command('sunsubscribe');

  disconnect(reconnect = false): void {
    this.cuts.push(reconnect);
    this.status = reconnect ? 'reconnecting' : 'end';
    this.emit('close');
    if (!reconnect) {
      this.emit('end');
    }
  }

  /** Cuts the connection. The client may reconnect. */
  close(): void {
    this.status = 'reconnecting';
    this.emit('close');
  }

  ready(): void {
    this.status = 'ready';
    this.emit('ready');
  }

  #command(command: string) {
    return (name: string): Promise<void> =>
      new Promise((resolve, reject) => {
        this.questions.push({ command, name, resolve, reject });
        if (!command.includes('un') && this.refuses(name)) {
          reject(new Error('NOPERM this user has no permissions'));
        } else if (this.answers) {
          resolve();
        }
      });
  }
}

/** A cluster of fake nodes. The first node has all slots. */
export class FakeRedisCluster extends FakeRedisNode {
  refreshes = 0;
  slots: string[][];

  constructor(readonly pool: FakeRedisNode[]) {
    super();
    pool.forEach((node, index) => (node.options = { host: 'fake', port: index }));
    this.slots = Array.from({ length: 16_384 }, () => ['fake:0']);
  }

  nodes(): FakeRedisNode[] {
    return this.pool;
  }

  refreshSlotsCache(): void {
    this.refreshes++;
  }
}

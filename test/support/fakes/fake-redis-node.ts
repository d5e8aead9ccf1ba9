import { EventEmitter } from 'node:events';
import type { RedisNode } from '../../../src/redis/connection/redis-client.interface.js';

/** What a client was asked, and how a test answers. */
interface Question {
  readonly command: string;
  readonly name: string;
  resolve(): void;
  reject(error: Error): void;
}

/** A client of a server that is not there. It answers at once, unless it is told not to. */
export class FakeRedisNode extends EventEmitter {
  status = 'ready';
  options: Record<string, unknown> = { host: 'fake', port: 1 };
  condition: { readonly protocol?: number } = { protocol: 3 };
  answers = true;
  /** Whether it may connect again, of each time that it was cut. */
  readonly cuts: boolean[] = [];
  readonly questions: Question[] = [];

  /** As the interface has it, of which it has what a subscriber needs. */
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

  /** The connection is cut; the client may make another. */
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
        if (this.answers) {
          resolve();
        }
      });
  }
}

/** … and of a cluster of such, all of whose slots the first has. */
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

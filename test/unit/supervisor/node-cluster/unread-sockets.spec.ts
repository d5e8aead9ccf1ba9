import type { Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { OpenPorts } from '../../../../src/supervisor/node-cluster/open-ports.js';
import { returnUnreadSockets } from '../../../../src/supervisor/node-cluster/unread-sockets.js';
import { eventually } from '../../../support/eventually.js';

const KEY = 'null:3000:4:undefined:0';

/** What of a worker of `node:cluster` is needed here, and what Node would hear from it. */
class FakeWorker {
  readonly heard: { ack: number; accepted: boolean }[] = [];
  readonly process = Object.assign(new EventEmitter(), {
    connected: true,
    send: (_message: object, _handle?: object): boolean => true,
    disconnect: (): void => void (this.process.connected = false),
  });

  constructor(redeliver = true) {
    this.process.on('internalMessage', message => {
      if ('ack' in message) {
        this.heard.push({ ack: message.ack, accepted: message.accepted });
      }
    });
    returnUnreadSockets(this as unknown as Worker, () => redeliver, ports);
  }

  listen(): this {
    this.process.send({ cmd: 'NODE_CLUSTER', key: KEY, ack: 1, errno: null });
    return this;
  }

  says(message: object): void {
    this.process.emit('internalMessage', { cmd: 'NODE_CLUSTER', ...message });
  }

  isHanded(seq: number): Connection {
    const connection = new Connection();
    this.process.send({ cmd: 'NODE_CLUSTER', act: 'newconn', key: KEY, seq }, connection);
    return connection;
  }

  disconnects(): void {
    this.process.connected = false;
    this.process.emit('disconnect');
  }
}

class Connection {
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }
}

let ports: OpenPorts;
let told: string[];

beforeEach(() => {
  told = [];
  ports = new OpenPorts({
    opened: key => told.push(`opened ${key}`),
    closed: key => told.push(`closed ${key}`),
  });
});

it('knows when a port opens and closes', () => {
  const [one, other] = [new FakeWorker().listen(), new FakeWorker().listen()];
  one.says({ act: 'close', key: KEY });
  expect(told).toEqual([`opened ${KEY}`]);
  other.disconnects();
  one.listen();
  expect(told).toEqual([`opened ${KEY}`, `closed ${KEY}`, `opened ${KEY}`]);
});

describe('a connection that a worker declines', () => {
  it('is left to Node as long as another one listens there', () => {
    const [one] = [new FakeWorker().listen(), new FakeWorker().listen()];
    const connection = one.isHanded(7);
    one.says({ act: 'close', key: KEY });
    one.says({ ack: 7, accepted: false });
    expect(connection.isClosed).toBe(false);
  });

  it('is closed if the port is', () => {
    const [one, other] = [new FakeWorker().listen(), new FakeWorker().listen()];
    const connection = one.isHanded(7);
    one.says({ act: 'close', key: KEY });
    other.disconnects();
    one.says({ ack: 7, accepted: false });
    expect(connection.isClosed).toBe(true);
  });

  it('is closed if the port has been opened again: that is another one to Node', () => {
    const one = new FakeWorker().listen();
    const connection = one.isHanded(7);
    one.says({ act: 'close', key: KEY });
    new FakeWorker().listen();
    one.says({ ack: 7, accepted: false });
    expect(connection.isClosed).toBe(true);
  });
});

describe('a connection that a dead worker has not acknowledged', () => {
  it('is declined in its name, if another one listens on the same port', () => {
    const [one] = [new FakeWorker().listen(), new FakeWorker().listen()];
    one.isHanded(7);
    one.isHanded(8);
    one.says({ ack: 8, accepted: true });
    one.disconnects();
    expect(one.heard).toEqual([
      { ack: 8, accepted: true },
      { ack: 7, accepted: false },
    ]);
  });

  it.each([
    ['nobody else listens', true, false],
    ['nobody else is to have it', false, true],
  ])('is closed by Node, which takes it for accepted, if %s', (_, redeliver, isOther) => {
    const one = new FakeWorker(redeliver).listen();
    if (isOther) {
      new FakeWorker().listen();
    }
    one.isHanded(7);
    one.disconnects();
    expect(one.heard).toEqual([{ ack: 7, accepted: true }]);
  });

  it.each([false, true])(
    'is given back where Node never tells that the channel has ended (connected: %s)',
    async connected => {
      const [one] = [new FakeWorker().listen(), new FakeWorker().listen()];
      one.isHanded(7);
      one.process.connected = connected;
      one.process.emit('exit', null, 'SIGKILL');
      await eventually(
        () => one.heard.length === 1,
        5_000,
        () => 'Nothing was given back',
      );
      expect(one.heard).toEqual([{ ack: 7, accepted: false }]);
      expect(one.process.connected).toBe(false);
    },
  );
});

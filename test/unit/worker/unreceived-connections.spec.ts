import { EventEmitter } from 'node:events';
import { beforeEach, expect, it } from 'vitest';
import { declineUnreceivedConnections } from '../../../src/worker/unreceived-connections.js';
import { FakeClock } from '../../support/fakes/fake-clock.js';

const MINUTE = 60_000;

/** The channel of a worker, and what Node says about each handle that the primary has sent. */
class FakeLink extends EventEmitter {
  readonly sent: object[] = [];
  connected = true;

  send(message: object): void {
    this.sent.push(message);
  }

  receives(msg: object, handle?: object): void {
    this.emit('internalMessage', { cmd: 'NODE_HANDLE', type: 'net.Native', msg }, handle);
  }
}

let link: FakeLink;
let clock: FakeClock;
let warnings: string[];

beforeEach(() => {
  link = new FakeLink();
  clock = new FakeClock();
  warnings = [];
  declineUnreceivedConnections({ warn: (text: string) => warnings.push(text) }, link, clock);
});

function newConnection(seq: number): object {
  return { cmd: 'NODE_CLUSTER', act: 'newconn', key: 'null:3000:4:undefined:0', seq };
}

it('declines a connection that arrives without its descriptor, after a pause', async () => {
  link.receives(newConnection(7));
  await clock.advance(99);
  expect(link.sent).toEqual([]);
  await clock.advance(1);
  expect(link.sent).toEqual([{ cmd: 'NODE_CLUSTER', ack: 7, accepted: false }]);
});

it('leaves a connection that it has received to Node', async () => {
  link.receives(newConnection(7), {});
  await clock.advance(1_000);
  expect(link.sent).toEqual([]);
  expect(warnings).toEqual([]);
});

it('answers for no other handle: nobody waits for it', async () => {
  link.receives({ 'nestjs-cluster/connection': {} });
  await clock.advance(1_000);
  expect(link.sent).toEqual([]);
  expect(warnings).toHaveLength(1);
});

it('says nothing to a primary that has gone', async () => {
  link.receives(newConnection(7));
  link.connected = false;
  await clock.advance(1_000);
  expect(link.sent).toEqual([]);
});

it('warns once for each shortage', async () => {
  link.receives(newConnection(7));
  await clock.advance(MINUTE);
  link.receives(newConnection(8));
  expect(warnings).toEqual([expect.stringMatching(/no free file descriptor.*ulimit -n/)]);
  await clock.advance(MINUTE + 1);
  link.receives(newConnection(9));
  expect(warnings).toHaveLength(2);
});

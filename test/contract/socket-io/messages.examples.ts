import { afterEach, describe, expect, it } from 'vitest';
import { heard, IoStage } from '../../support/socket-io/io-stage.js';
import type { ServerHost } from '../../support/socket-io/server-host.js';

type Answer = (...values: unknown[]) => void;

/** Also in base64 below `maxHttpBufferSize`, and above everything that fits into one read. */
const LARGE = 700_000;

const TRANSPORTS = [['polling'], ['websocket']];

/** Events between a client and its server. */
export function describeMessages(host: () => ServerHost): void {
  let stage: IoStage;

  afterEach(async () => {
    await stage.close();
  });

  describe.each(TRANSPORTS)('over %s', transport => {
    const options = { transports: [transport] };

    it('sends values of all kinds in both directions', async () => {
      stage = await IoStage.open(host());
      const { client, socket } = await stage.connect('/', options);
      socket.on('values', (...values: unknown[]) => socket.emit('values', ...values));
      const values = [
        1,
        'ü\u0000\u2028',
        null,
        { list: [true, { deep: [] }] },
        Buffer.from([0, 255]),
      ];
      const received = heard(client, 'values');
      client.emit('values', ...values);
      expect(await received).toEqual(values);
    });

    it.each([
      ['text', 'x'.repeat(LARGE)],
      ['binary data', Buffer.alloc(LARGE, 7)],
    ])('sends large %s there and back, several times', async (_, value) => {
      stage = await IoStage.open(host(), { perMessageDeflate: false });
      const { client, socket } = await stage.connect('/', options);
      socket.on('large', (received: unknown, answer: Answer) => answer(received));
      for (let time = 0; time < 3; time++) {
        const answer: unknown = await client.timeout(10_000).emitWithAck('large', { value });
        const { value: received } = answer as { value: typeof value };
        // `toEqual()` needs seconds for large buffers.
        expect([received.length, Buffer.from(received).equals(Buffer.from(value))]).toEqual([
          LARGE,
          true,
        ]);
      }
    });

    it('closes the connection of a client that sends too much', async () => {
      stage = await IoStage.open(host(), { maxHttpBufferSize: 1_000 });
      const { client, socket } = await stage.connect('/', options);
      const reason = heard(socket, 'disconnect');
      client.emit('large', 'x'.repeat(100_000));
      // A request that is too long is refused, and the client gives up; a message that is too long ends the connection.
      expect(['transport error', 'transport close', 'parse error']).toContain((await reason)[0]);
    });

    it('sends many events in order', async () => {
      stage = await IoStage.open(host());
      const { client, socket } = await stage.connect('/', options);
      const numbers = Array.from({ length: 500 }, (_, index) => index);
      const received: number[] = [];
      const all = new Promise<void>(resolve =>
        client.on('number', (number: number) => {
          received.push(number);
          if (received.length === numbers.length) {
            resolve();
          }
        }),
      );
      numbers.forEach(number => socket.emit('number', number));
      await all;
      expect(received).toEqual(numbers);
    });

    it('asks the client, which answers or not', async () => {
      stage = await IoStage.open(host());
      const { client, socket } = await stage.connect('/', options);
      client.on('question', (value: number, answer: Answer) => answer(value + 1));
      expect(await socket.timeout(1_000).emitWithAck('question', 1)).toBe(2);
      await expect(socket.timeout(20).emitWithAck('nobody listens')).rejects.toThrow(
        'operation has timed out',
      );
    });
  });

  it('reaches the clients of a room, apart from those that are left out', async () => {
    stage = await IoStage.open(host());
    const all = await Promise.all(
      ['polling', 'websocket', 'polling', 'websocket'].map(transport =>
        stage.connect('/', { transports: [transport] }),
      ),
    );
    const received: unknown[][] = all.map(() => []);
    all.forEach(({ client }, index) => client.on('news', (...news) => received[index]!.push(news)));
    for (const { socket } of all.slice(1)) {
      await socket.join('room');
    }
    await all[3]!.socket.join('muted');
    const { socket } = all[1]!;
    stage.server.to('room').except('muted').emit('news', 1);
    socket.to('room').emit('news', 2, Buffer.from('x'));
    socket.broadcast.emit('news', 3);
    const settled = all.map(({ client }) => heard(client, 'settled'));
    stage.server.emit('settled');
    await Promise.all(settled);
    const two = [2, Buffer.from('x')];
    expect(received).toEqual([[[3]], [[1]], [[1], two, [3]], [two, [3]]]);
  });

  it('collects the answers of all clients', async () => {
    stage = await IoStage.open(host());
    const all = await Promise.all([stage.connect(), stage.connect()]);
    all.forEach(({ client }, index) => client.on('who', (answer: Answer) => answer(index)));
    const answers = (await stage.server.timeout(1_000).emitWithAck('who')) as number[];
    expect(new Set(answers)).toEqual(new Set([0, 1]));
  });

  it('moves, finds and disconnects clients by their rooms', async () => {
    stage = await IoStage.open(host());
    const [first, second] = await Promise.all([stage.connect(), stage.connect()]);
    first.socket.data['name'] = 'first';
    await first.socket.join('one');
    stage.server.in('one').socketsJoin('two');
    // An event that follows finds them there.
    expect(first.socket.rooms).toContain('two');
    const found = await stage.server.in('two').fetchSockets();
    expect(found.map(({ id, data }) => [id, data])).toEqual([[first.socket.id, { name: 'first' }]]);
    stage.server.in('two').socketsLeave('one');
    expect(first.socket.rooms).not.toContain('one');
    expect(await stage.server.in('one').fetchSockets()).toEqual([]);
    const reason = heard(first.client, 'disconnect');
    stage.server.in('two').disconnectSockets();
    expect((await reason)[0]).toBe('io server disconnect');
    expect((await stage.server.fetchSockets()).map(({ id }) => id)).toEqual([second.socket.id]);
  });

  it('passes incoming events through the functions of a socket', async () => {
    stage = await IoStage.open(host());
    const { client, socket } = await stage.connect();
    socket.use(([event], next) =>
      next(event === 'forbidden' ? new Error('not allowed') : undefined),
    );
    socket.on('allowed', (answer: Answer) => answer('yes'));
    const error = heard(socket, 'error');
    client.emit('forbidden');
    expect(((await error)[0] as Error).message).toBe('not allowed');
    expect(await client.timeout(1_000).emitWithAck('allowed')).toBe('yes');
  });
}

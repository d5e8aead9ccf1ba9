import { beforeEach, describe, expect, it } from 'vitest';
import { PublicationRefusedError } from '../../../../src/bus/bus-transport.interface.js';
import type { EventsText } from '../../../../src/bus/payload/bus-message.js';
import { TopicPublisher } from '../../../../src/bus/publish/topic-publisher.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { eventually } from '../../../support/eventually.js';
import { FakeTransport } from '../../../support/fakes/fake-transport.js';

let transport: FakeTransport;
let sender: TopicPublisher;

beforeEach(() => {
  transport = new FakeTransport();
  sender = new TopicPublisher(transport, 'order.paid', 1, { member: 'm', text: '{"member":"m"}' });
});

const publish = (payload: unknown, timeout = 10_000): Promise<void> =>
  sender.publish(JSON.stringify(payload), {}, monotonicNow() + timeout);

const sent = (place: number): EventsText =>
  JSON.parse(transport.published[place]!.text) as EventsText;
const numbersOf = ({ first, events }: EventsText): number[] =>
  events.map((_, place) => first + place);

describe('the events of a topic', () => {
  it('go out at once when none is under way, and together when one is', async () => {
    const published = [1, 2, 3].map(payload => publish({ payload }));
    expect(transport.published.map(({ channel }) => channel)).toEqual(['topic:order.paid']);
    expect(sent(0)).toEqual({
      v: 1,
      from: { member: 'm' },
      topic: 'order.paid',
      run: 1,
      first: 1,
      events: [{ payload: { payload: 1 } }],
    });
    // What is under way may yet arrive: it is not told as missing.
    expect(sender.highWaterMark.last).toBe(0);
    await transport.answer();
    expect(sender.highWaterMark.last).toBe(1);
    expect(numbersOf(sent(1))).toEqual([2, 3]);
    await transport.answer();
    await Promise.all(published);
    expect(sender.highWaterMark).toMatchObject({ topic: 'order.paid', last: 3 });
  });

  it('go out again under the same numbers when nobody has confirmed them', async () => {
    const first = publish(1);
    const second = publish(2);
    await transport.answer(new Error('the line is dead'));
    await eventually(
      () => transport.published.length === 2,
      1_000,
      () => 'It was not sent again',
    );
    expect(transport.published[1]).toEqual(transport.published[0]);
    await transport.answer();
    await first;
    expect(numbersOf(sent(2))).toEqual([2]);
    await transport.answer();
    await second;
  });

  it('are refused at their deadline, and may have arrived if they were sent', async () => {
    const asked = publish(1, 40);
    await expect(asked).rejects.toMatchObject({
      code: 'CLUSTER_BUS_UNAVAILABLE',
      topic: 'order.paid',
      mayHaveArrived: true,
    });
    expect(transport.suspected).toBeGreaterThan(0);
  });

  it('have not arrived if each attempt was refused; and are not tried again where that is of no use', async () => {
    const refused = publish(1, 110).catch((error: unknown) => error);
    await transport.answer(new PublicationRefusedError('not allowed', false));
    expect(await refused).toMatchObject({ mayHaveArrived: false });
    const full = publish(2).catch((error: unknown) => error);
    await eventually(
      () => transport.published.length === 2,
      1_000,
      () => 'It was not sent.',
    );
    await transport.answer(new PublicationRefusedError('full', true));
    expect(await full).toMatchObject({ mayHaveArrived: false });
    expect(transport.published).toHaveLength(2);
  });

  it('wait while the backend is away, and are refused unsent', async () => {
    transport.unavailableSince = 1;
    await expect(publish(1, 40)).rejects.toMatchObject({ mayHaveArrived: false });
    expect(transport.published).toEqual([]);
    const patient = publish(2);
    transport.unavailableSince = undefined;
    sender.wake();
    await eventually(
      () => transport.published.length === 1,
      1_000,
      () => 'It was not sent',
    );
    expect(numbersOf(sent(0))).toEqual([1]);
    await transport.answer();
    await patient;
  });

  it('are settled when the application closes', async () => {
    transport.unavailableSince = 1;
    const waiting = publish(1);
    sender.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLUSTER_BUS_UNAVAILABLE' });
  });

  it('go out in texts of a bearable size', async () => {
    const published = Array.from({ length: 1_500 }, (_, payload) => publish(payload));
    for (let answers = 0; answers < 4; answers++) {
      await transport.answer();
    }
    await Promise.all(published);
    expect(transport.published.map((_, place) => sent(place).events.length)).toEqual([
      1, 500, 500, 499,
    ]);
    const large = Array.from({ length: 4 }, () => publish('x'.repeat(200_000)));
    for (let answers = 0; answers < 4; answers++) {
      await transport.answer();
    }
    await Promise.all(large);
  });
});

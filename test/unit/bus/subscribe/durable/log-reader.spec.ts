import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  LogReader,
  type PlacedEvent,
} from '../../../../../src/bus/subscribe/durable/log-reader.js';
import type { DurableTopics } from '../../../../../src/bus/publish/durable-topics.js';
import type { Gap } from '../../../../../src/bus/gaps/gap.interface.js';
import { fakedExcept } from '../../../../support/faked-timers.mjs';

const FROM = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };

/** What no reader can read. */
const GARBAGE = 'garbage';

/** A history that keeps so many events, and may be slow to answer. */
class FakeHistory {
  readonly events: [offset: string, event: string][] = [];
  epoch = 7;
  keep = 100;
  isAway = false;
  reads = 0;
  readonly stalls: string[] = [];
  readonly #waiting: (() => void)[] = [];
  isSlow = false;

  stalled(topic: string, { message }: Error): void {
    this.stalls.push(`${topic}: ${message}`);
  }

  append(n: number): PlacedEvent {
    const offset = `${this.epoch}-${n}`;
    const event = { v: 1, topic: 't', from: FROM, payload: n };
    this.events.push([offset, JSON.stringify(event)]);
    this.events.splice(0, this.events.length - this.keep);
    return { ...event, offset, size: 1 };
  }

  read(_topic: string, [offset, text]: [string, string]): PlacedEvent | undefined {
    return text === GARBAGE ? undefined : { ...(JSON.parse(text) as PlacedEvent), offset, size: 1 };
  }

  newest(): Promise<[string, string] | null> {
    return this.#answer(() => this.events.at(-1) ?? null);
  }

  after(_topic: string, offset: string) {
    this.reads++;
    return this.#answer(() => {
      const [epoch, n] = offset.split('-').map(Number) as [number, number];
      const entries = this.events.filter(([at]) => {
        const [e, m] = at.split('-').map(Number) as [number, number];
        return e > epoch || (e === epoch && m > n);
      });
      const follows = this.events.some(([at]) => at === offset);
      return { entries: entries.slice(0, 3), last: this.events.at(-1)?.[0] ?? '0-0', follows };
    });
  }

  async #answer<T>(read: () => T): Promise<T> {
    if (this.isAway) {
      throw new Error('away');
    }
    const answer = read();
    if (this.isSlow) {
      await new Promise<void>(resolve => this.#waiting.push(resolve));
    }
    return answer;
  }

  async go(): Promise<void> {
    this.#waiting.splice(0).forEach(resolve => resolve());
    await settled();
  }
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** The history loses all but the first event. */
const losing = (n: number): PlacedEvent => {
  const event = history.append(n);
  history.events.length = 1;
  return event;
};
const later = async (): Promise<void> => {
  await settled();
  vi.advanceTimersByTime(500);
  await settled();
};

let history: FakeHistory;
let given: (number | string)[];
let isFull: boolean;
let reader: LogReader;

beforeEach(() => {
  history = new FakeHistory();
  given = [];
  isFull = false;
  reader = newReader(true);
});

function newReader(keepsAll: boolean): LogReader {
  return new LogReader(
    't',
    history as unknown as DurableTopics,
    {
      give: ({ payload, retained }) =>
        given.push(retained ? `last ${String(payload)}` : (payload as number)),
      tell: ({ reason, missed }: Gap) => given.push(`${reason} ${missed}`),
      get isFull() {
        return isFull;
      },
    },
    keepsAll,
  );
}

describe('a reader of a topic that is kept', () => {
  it('begins with the next event, and gives what arrives without reading it', async () => {
    history.append(1);
    expect(await reader.start({ withLast: false })).toBe('7-1');
    await settled();
    const { reads } = history;
    [2, 3].forEach(n => reader.live(history.append(n)));
    expect(given).toEqual([2, 3]);
    expect(history.reads).toBe(reads);
  });

  it('begins with the last one, or after an offset', async () => {
    [1, 2, 3, 4, 5].forEach(n => history.append(n));
    await reader.start({ withLast: true });
    await settled();
    expect(given).toEqual(['last 5']);
    given = [];
    const other = new LogReader(
      't',
      history as unknown as DurableTopics,
      {
        give: ({ payload }) => given.push(payload as number),
        tell: () => {},
        isFull: false,
      },
      true,
    );
    await other.start({ after: '7-1', withLast: false });
    await settled();
    expect(given).toEqual([2, 3, 4, 5]);
  });

  it('goes past what cannot be read, and tells that it is missing', async () => {
    history.append(1);
    history.events.push(['7-2', GARBAGE], ['7-3', GARBAGE]);
    history.append(4);
    await reader.start({ after: '0-0', withLast: false });
    await settled();
    expect(given).toEqual([1, 'lost 1', 'lost 1', 4]);
    history.events.push(['7-5', GARBAGE]);
    const { reads } = history;
    reader.live(history.append(6));
    await settled();
    expect(given).toEqual([1, 'lost 1', 'lost 1', 4, 'lost 1', 6]);
    expect(history.reads - reads).toBeLessThan(4);
  });

  it('reads what did not arrive, each once and in order', async () => {
    await reader.start({ withLast: false });
    await settled();
    reader.live(history.append(1));
    [2, 3, 4, 5, 6].forEach(n => history.append(n));
    const late = history.append(7);
    reader.live(late);
    await settled();
    reader.live(late);
    await settled();
    expect(given).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('misses nothing that arrives while it reads, though the history keeps one event only', async () => {
    history.keep = 1;
    history.append(1);
    history.isSlow = true;
    const started = reader.start({ withLast: true });
    [2, 3].forEach(n => reader.live(history.append(n)));
    await history.go();
    await started;
    [4, 5].forEach(n => reader.live(history.append(n)));
    await history.go();
    await history.go();
    reader.live(history.append(6));
    await history.go();
    expect(given).toEqual(['last 1', 2, 3, 4, 5, 6]);
  });

  it('takes what arrives while it reads for what it is: more than what was read', async () => {
    await reader.start({ withLast: false });
    await settled();
    reader.live(history.append(1));
    history.isSlow = true;
    reader.read();
    reader.live(history.append(2));
    await history.go();
    await history.go();
    reader.live(history.append(3));
    expect(given).toEqual([1, 2, 3]);
  });

  it('tells what was trimmed away, with its number', async () => {
    await reader.start({ withLast: false });
    await settled();
    reader.live(history.append(1));
    history.keep = 2;
    [2, 3, 4, 5, 6].forEach(n => history.append(n));
    reader.read();
    await settled();
    expect(given).toEqual([1, 'trimmed 3', 5, 6]);
  });

  it('tells that all is lost when the counting begins anew, and goes on', async () => {
    await reader.start({ withLast: false });
    await settled();
    reader.live(history.append(1));
    history.events.length = 0;
    history.epoch = 9;
    reader.live(history.append(1));
    await settled();
    expect(given).toEqual([1, 'lost undefined', 1]);
  });

  it('tells that some is lost when the history has gone back, and goes on', async () => {
    await reader.start({ withLast: false });
    await settled();
    [1, 2, 3].forEach(n => reader.live(history.append(n)));
    history.events.length = 2;
    reader.read();
    await settled();
    reader.live(history.append(3));
    expect(given).toEqual([1, 2, 3, 'lost undefined', 3]);
  });

  describe('when the history does not have what comes before an event that has arrived', () => {
    beforeEach(async () => {
      vi.useFakeTimers({ toFake: fakedExcept('setImmediate', 'queueMicrotask') });
      await reader.start({ withLast: false });
      reader.live(history.append(1));
      [2, 3].forEach(n => history.append(n));
    });
    afterEach(() => {
      reader.close();
      vi.useRealTimers();
    });

    it('reads it a few times with pauses, then tells that it is lost, and goes on', async () => {
      reader.live(losing(4));
      await settled();
      expect(history.reads).toBeLessThanOrEqual(2);
      reader.live(losing(5));
      await settled();
      expect(history.reads).toBeLessThanOrEqual(2);
      expect(given).toEqual([1]);
      await later();
      await later();
      expect(given).toEqual([1, 'lost 2', 4, 5]);
      const { reads } = history;
      await later();
      expect(history.reads).toBe(reads);
    });

    it('goes on without a gap if it comes after all', async () => {
      reader.live(losing(4));
      await settled();
      [2, 3, 4].forEach(n => history.append(n));
      await later();
      expect(given).toEqual([1, 2, 3, 4]);
      reader.live(history.append(5));
      expect(given).toEqual([1, 2, 3, 4, 5]);
    });
  });

  it('reads no more than there is room for', async () => {
    await reader.start({ withLast: false });
    await settled();
    isFull = true;
    for (let n = 1; n <= 5; n++) {
      reader.live(history.append(n));
    }
    await settled();
    expect(given).toEqual([]);
    isFull = false;
    reader.read();
    await settled();
    expect(given).toEqual([1, 2, 3, 4, 5]);
  });

  it('tries again when the backend does not answer, and not any more when it is closed', async () => {
    await reader.start({ withLast: false });
    await settled();
    history.isAway = true;
    history.append(1);
    reader.read();
    await settled();
    expect(history.stalls).toEqual(['t: away']);
    history.isAway = false;
    reader.read();
    await settled();
    expect(given).toEqual([1]);
    history.isAway = true;
    history.append(2);
    reader.read();
    await settled();
    reader.close();
    history.isAway = false;
    reader.read();
    await settled();
    expect(given).toEqual([1]);
  });
});

/** With RESP2, events and the answers to reads come over two connections, of which either may be faster. */
describe('a reader of a topic of which the last event is retained', () => {
  let live: PlacedEvent[];

  /** Published, and on its way. */
  const publish = (...numbers: number[]): void => {
    live.push(...numbers.map(n => history.append(n)));
  };
  const arrive = (count = live.length): void =>
    live.splice(0, count).forEach(event => reader.live(event));

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: fakedExcept('setImmediate', 'queueMicrotask') });
    live = [];
    history.keep = 1;
    reader = newReader(false);
    publish(1);
    await reader.start({ withLast: true });
    arrive();
  });

  afterEach(() => {
    reader.close();
    vi.useRealTimers();
  });

  it('misses nothing if what it reads has overtaken the events', async () => {
    publish(2, 3, 4);
    reader.read();
    await settled();
    publish(5);
    arrive(2);
    await settled();
    arrive();
    await later();
    publish(6);
    arrive();
    expect(given).toEqual(['last 1', 2, 3, 4, 5, 6]);
  });

  it('misses nothing if it is told to read again meanwhile', async () => {
    publish(2, 3);
    reader.read();
    await settled();
    publish(4, 5);
    reader.read();
    await settled();
    arrive();
    await later();
    expect(given).toEqual(['last 1', 2, 3, 4, 5]);
  });

  it('tells how many do not arrive, and no more than those', async () => {
    publish(2, 3, 4, 5);
    live.splice(0, 2);
    reader.read();
    await settled();
    arrive(1);
    await settled();
    expect(given).toEqual(['last 1']);
    await later();
    expect(given).toEqual(['last 1', 'trimmed 2', 4, 5]);
    arrive();
    publish(6);
    arrive();
    await later();
    expect(given.slice(-2)).toEqual([5, 6]);
  });

  it('waits for events that have arrived, but have not been read, while the process was blocked', async () => {
    publish(2, 3);
    reader.read();
    await settled();
    vi.advanceTimersByTime(500);
    arrive();
    await settled();
    expect(given).toEqual(['last 1', 2, 3]);
  });

  it('waits while it is not known where it begins, however long that takes', async () => {
    given = [];
    reader = newReader(false);
    history.isSlow = true;
    publish(2);
    const started = reader.start({ withLast: true });
    publish(3, 4);
    arrive();
    await later();
    expect(given).toEqual([]);
    await history.go();
    await started;
    publish(5);
    arrive();
    expect(given).toEqual(['last 2', 3, 4, 5]);
  });

  it('takes nothing for lost because of an answer that is older than what has arrived', async () => {
    history.isSlow = true;
    reader.read();
    publish(2, 3, 4);
    live.splice(0, 1);
    arrive();
    await later();
    await history.go();
    await history.go();
    await later();
    expect(given).toEqual(['last 1', 'trimmed 1', 3, 4]);
  });

  it('waits for the whole time again when events overtake others again', async () => {
    publish(2, 3, 4, 5);
    const [two, three, four, five] = live.splice(0) as [
      PlacedEvent,
      PlacedEvent,
      PlacedEvent,
      PlacedEvent,
    ];
    reader.live(three);
    vi.advanceTimersByTime(60);
    reader.live(two);
    reader.live(five);
    vi.advanceTimersByTime(60);
    await settled();
    reader.live(four);
    expect(given).toEqual(['last 1', 2, 3, 4, 5]);
  });

  it('gives what waits before it passes a last event that it cannot read', async () => {
    history.isSlow = true;
    reader.read();
    publish(2, 3);
    live.splice(0, 1);
    arrive();
    history.events.splice(0, 1, ['7-4', GARBAGE]);
    await history.go();
    await history.go();
    await later();
    expect(given).toContain(3);
  });

  it('begins anew with the last event if more arrive than can wait until it is known', async () => {
    given = [];
    reader = newReader(false);
    history.isSlow = true;
    const started = reader.start({ withLast: true });
    publish(...Array.from({ length: 1_500 }, (_, index) => index + 2));
    arrive();
    await history.go();
    await history.go();
    await started;
    publish(1_502);
    arrive();
    await later();
    expect(given).toEqual(['last 1501', 1_502]);
  });
});

/** Another server has the first `kept` events, and numbers those that follow in its own epoch. */
const failOver = (kept: number): void => {
  history.events.length = kept;
  history.epoch = 9;
};

describe('another server that has the log', () => {
  beforeEach(async () => {
    await reader.start({ withLast: false });
    [1, 2, 3, 4, 5].forEach(n => reader.live(history.append(n)));
    given = [];
  });

  it('has lost nothing: there is no gap', async () => {
    failOver(5);
    reader.live(history.append(6));
    await settled();
    reader.live(history.append(7));
    expect(given).toEqual([6, 7]);
  });

  it('has lost nothing: what was published before a reconnect is read', async () => {
    failOver(5);
    [6, 7].forEach(n => history.append(n));
    reader.read();
    await settled();
    expect(given).toEqual([6, 7]);
  });

  it.each([1, 2, 3, 4])(
    'has lost 3 events, and gets %i others: a gap, and all of them',
    async count => {
      failOver(2);
      for (let n = 3; n < 3 + count; n++) {
        history.append(n);
      }
      reader.read();
      await settled();
      await settled();
      expect(given).toEqual(['lost undefined', 3, 4, 5, 6].slice(0, 1 + count));
    },
  );

  it('has lost events, and the next live one has the number that would follow', async () => {
    failOver(2);
    [3, 4, 5].forEach(n => history.append(n));
    reader.live(history.append(6));
    await settled();
    await settled();
    expect(given).toEqual(['lost undefined', 3, 4, 5, 6]);
  });

  it('has lost the last events, and gets others later: one gap', async () => {
    failOver(2);
    reader.read();
    await settled();
    reader.live(history.append(3));
    await settled();
    expect(given).toEqual(['lost undefined', 3]);
  });

  it('has trimmed what this reader has read: a gap, because nothing shows whether events were lost', async () => {
    failOver(5);
    history.keep = 1;
    history.append(6);
    reader.read();
    await settled();
    expect(given).toEqual(['lost undefined', 6]);
  });
});

describe('another server that has the last event of a topic', () => {
  beforeEach(async () => {
    history.keep = 1;
    reader = newReader(false);
    await reader.start({ withLast: false });
    [1, 2, 3].forEach(n => reader.live(history.append(n)));
    given = [];
    history.epoch = 7;
    history.events.length = 0;
    history.append(1);
    history.epoch = 9;
  });

  it('has lost the latest ones: the one that it has counts again', async () => {
    reader.read();
    await settled();
    await settled();
    expect(given).toEqual(['lost undefined', 'last 1']);
  });

  it('has got another one since: that one counts', async () => {
    history.append(2);
    reader.read();
    await settled();
    await new Promise(resolve => setTimeout(resolve, 150));
    await settled();
    expect(given).toEqual(['lost undefined', 2]);
  });

  it('has lost nothing: the next one follows without a gap', async () => {
    history.epoch = 7;
    history.events.length = 0;
    history.append(3);
    history.epoch = 9;
    reader.live(history.append(4));
    expect(given).toEqual([4]);
    history.append(5);
    reader.read();
    await settled();
    expect(given).toEqual([4, 5]);
  });

  it('has lost the latest ones, also if it does not answer at first', async () => {
    const newest = vi.spyOn(history, 'newest').mockRejectedValueOnce(new Error('away'));
    vi.useFakeTimers({ toFake: fakedExcept('setImmediate', 'queueMicrotask') });
    try {
      reader.read();
      await settled();
      expect([given, newest.mock.calls.length]).toEqual([[], 1]);
      await later();
    } finally {
      vi.useRealTimers();
    }
    expect(given).toEqual(['lost undefined', 'last 1']);
  });
});

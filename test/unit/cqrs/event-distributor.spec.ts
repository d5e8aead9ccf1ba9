import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Logger, Module, type Type } from '@nestjs/common';
import {
  CommandBus,
  CommandHandler,
  CqrsModule,
  EventBus,
  EventsHandler,
  type ICommandHandler,
  type IEventHandler,
  Saga,
} from '@nestjs/cqrs';
import { Test, type TestingModule } from '@nestjs/testing';
import { map, type Observable } from 'rxjs';
import type { ClusterBus } from '../../../src/bus/cluster-bus.js';
import { OWN_BUS } from '../../../src/bus/own-bus.token.js';
import { ClusterCqrsModule } from '../../../src/cqrs/cluster-cqrs.module.js';
import { DistributedEvent } from '../../../src/cqrs/distributed-event.decorator.js';
import { DistributedEvents } from '../../../src/cqrs/distributed-events.js';

type Handler = (payload: never) => unknown;

/** The buses of several workers. Events are copied, as between processes. */
class FakeBuses {
  readonly published: { readonly topic: string; readonly options: object }[] = [];
  readonly #handlers: { topic: string; handle: Handler; bus: object; group?: string }[] = [];
  failure: Error | undefined;

  bus(): ClusterBus {
    const bus = {
      subscribe: async (
        topic: string | { name: string },
        handle: Handler,
        { group }: { group?: string } = {},
      ) => {
        const name = typeof topic === 'string' ? topic : topic.name;
        this.#handlers.push({ topic: name, handle, bus, ...(group !== undefined && { group }) });
      },
      publish: async (
        topic: string | { name: string },
        payload: unknown,
        options: { self?: boolean } = {},
      ) => {
        const name = typeof topic === 'string' ? topic : topic.name;
        await Promise.resolve();
        if (this.failure) {
          throw this.failure;
        }
        this.published.push({ topic: name, options });
        const all = this.#handlers.filter(
          each => each.topic === name && !(options.self === false && each.bus === bus),
        );
        const member = all.find(({ group }) => group !== undefined);
        for (const { handle } of member ? [member] : all) {
          await handle(JSON.parse(JSON.stringify(payload)) as never);
        }
      },
    };
    return bus as unknown as ClusterBus;
  }
}

@DistributedEvent({ handlers: 'each' })
class PriceChanged {
  constructor(
    readonly article: string,
    readonly cents: number,
  ) {}

  get euros(): number {
    return this.cents / 100;
  }
}

@DistributedEvent({ handlers: 'once' })
class OrderPaid {
  constructor(readonly id: string) {}
}

@DistributedEvent({ handlers: 'each', name: 'dated', revive: ({ at }) => new Dated(new Date(at)) })
class Dated {
  constructor(readonly at: Date) {}
}

@DistributedEvent({ handlers: 'each' })
class Follows {}

/** Classes of the same name. */
const twin = (): new () => object =>
  class Twin {
    readonly n = 1;
  };

class LocalOnly {
  constructor(readonly n: number) {}
}

class Ship {
  constructor(readonly id: string) {}
}

const handled: { readonly worker: number; readonly event: object }[] = [];
const shipped: { readonly worker: number; readonly id: string }[] = [];

/** The module of one worker. */
function workerModule(worker: number, bus: ClusterBus): Type {
  @EventsHandler(PriceChanged, OrderPaid, Dated, LocalOnly, Follows)
  class AllHandler implements IEventHandler<object> {
    constructor(private readonly events: EventBus) {}

    handle(event: object): void {
      handled.push({ worker, event });
      if (event instanceof PriceChanged && event.article === 'follow') {
        this.events.publish(new Follows());
        this.events.publish(new OrderPaid('by a handler'));
      }
    }
  }
  // For `emitDecoratorMetadata`, which does not see parameter types in a function in all compilers.
  Reflect.defineMetadata('design:paramtypes', [EventBus], AllHandler);

  class Sagas {
    @Saga()
    paid = (events$: Observable<object>): Observable<Ship> =>
      events$.pipe(map(event => (event instanceof OrderPaid ? new Ship(event.id) : undefined!)));
  }

  @CommandHandler(Ship)
  class ShipHandler implements ICommandHandler<Ship> {
    async execute({ id }: Ship): Promise<void> {
      shipped.push({ worker, id });
    }
  }

  @Module({
    providers: [{ provide: OWN_BUS, useValue: bus }],
    exports: [OWN_BUS],
  })
  class BusModule {}

  @Module({
    imports: [{ module: BusModule, global: true }, CqrsModule.forRoot(), ClusterCqrsModule],
    providers: [AllHandler, Sagas, ShipHandler],
  })
  class AppModule {}
  return AppModule;
}

let buses: FakeBuses;
let workers: TestingModule[];
let errors: string[];

beforeEach(async () => {
  handled.length = 0;
  shipped.length = 0;
  errors = [];
  const log = (message: unknown): void => void errors.push(String(message));
  vi.spyOn(Logger.prototype, 'error').mockImplementation(log);
  vi.spyOn(Logger.prototype, 'warn').mockImplementation(log);
  buses = new FakeBuses();
  workers = [];
  for (const worker of [0, 1, 2]) {
    const module = await Test.createTestingModule({
      imports: [workerModule(worker, buses.bus())],
    }).compile();
    await module.init();
    workers.push(module);
  }
});

afterEach(async () => {
  await Promise.all(workers.map(worker => worker.close()));
  vi.restoreAllMocks();
});

const eventsOf = (worker: number): EventBus => workers[worker]!.get(EventBus);
const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
const workersOf = (type: Type): number[] =>
  handled
    .filter(({ event }) => event instanceof type)
    .map(({ worker }) => worker)
    .toSorted((one, other) => one - other);

describe('an event with handlers "each"', () => {
  it('reaches the handlers of every worker once, with its prototype', async () => {
    const event = new PriceChanged('a', 250);
    await eventsOf(1).publish(event);
    await settle();
    expect(workersOf(PriceChanged)).toEqual([0, 1, 2]);
    expect(handled.find(({ worker }) => worker === 1)!.event).toBe(event);
    const other = handled.find(({ worker }) => worker === 0)!.event as PriceChanged;
    expect(other).toBeInstanceOf(PriceChanged);
    expect([other.article, other.cents, other.euros]).toEqual(['a', 250, 2.5]);
    expect(other).not.toBe(event);
  });

  it('reaches the handlers of its worker before publish() returns', () => {
    void eventsOf(0).publish(new PriceChanged('a', 1));
    expect(workersOf(PriceChanged)).toEqual([0]);
  });

  it('is created by revive', async () => {
    await eventsOf(0).publish(new Dated(new Date(5)));
    await settle();
    const other = handled.find(({ worker }) => worker === 2)!.event as Dated;
    expect(other.at).toEqual(new Date(5));
  });

  it('has events of its handlers published once for each worker', async () => {
    await eventsOf(0).publish(new PriceChanged('follow', 1));
    await settle();
    expect(workersOf(Follows)).toEqual([0, 1, 2]);
    expect(workersOf(OrderPaid)).toHaveLength(1);
  });

  it('is published in order by publishAll(), with events that are not distributed', async () => {
    eventsOf(0).publishAll([new LocalOnly(1), new PriceChanged('a', 1), new LocalOnly(2)]);
    await settle();
    expect(handled.filter(({ worker }) => worker === 0).map(({ event }) => event)).toMatchObject([
      { n: 1 },
      { article: 'a' },
      { n: 2 },
    ]);
    expect(workersOf(LocalOnly)).toEqual([0, 0]);
    expect(workersOf(PriceChanged)).toEqual([0, 1, 2]);
  });
});

describe('an event with handlers "once"', () => {
  it('reaches the handlers and sagas of one worker, over a durable topic', async () => {
    await eventsOf(2).publish(new OrderPaid('a7'));
    await settle();
    expect(workersOf(OrderPaid)).toHaveLength(1);
    expect(shipped).toEqual([{ worker: workersOf(OrderPaid)[0], id: 'a7' }]);
    expect(buses.published).toEqual([
      { topic: '$nestjs-cluster.cqrs.once.OrderPaid', options: { durable: true } },
    ]);
  });

  it('that cannot be published rejects, and is logged once a minute for each class', async () => {
    buses.failure = new Error('the backend is away');
    await expect(eventsOf(0).publish(new OrderPaid('a7'))).rejects.toThrow('away');
    void eventsOf(0).publish(new OrderPaid('a8'));
    await settle();
    expect(errors).toEqual([
      'The event OrderPaid was not distributed to the workers: the backend is away',
    ]);
    expect(handled).toEqual([]);
  });
});

describe('what is wrong', () => {
  it('is an error if JSON cannot represent the event, and no handler gets it', () => {
    const event = Object.assign(new OrderPaid('a'), { seats: new Map() });
    expect(() => eventsOf(0).publish(event)).toThrow(
      'The event OrderPaid cannot be sent to other workers, because JSON cannot represent it: a Map at "seats"',
    );
    expect(handled).toEqual([]);
  });

  it('is a warning if an event arrives whose class this worker does not have', async () => {
    const stranger = buses.bus();
    for (let n = 0; n < 2; n++) {
      await stranger.publish('$nestjs-cluster.cqrs.each', { name: 'Unheard', data: {} });
    }
    expect(errors).toHaveLength(3);
    expect(errors[0]).toContain('Events "Unheard" of another worker are ignored');
  });

  it('is an error if several classes have one name', () => {
    const events = new DistributedEvents();
    const added = { handlers: 'each', name: 'Twin', revive: undefined } as const;
    events.add({ ...added, eventClass: twin() });
    events.add({ ...added, eventClass: twin() });
    expect(() => events.named('Twin')).toThrow('2 classes with @DistributedEvent() have the name');
  });

  it('is a configuration error without CqrsModule', async () => {
    @Module({ providers: [{ provide: OWN_BUS, useValue: buses.bus() }], exports: [OWN_BUS] })
    class BusModule {}
    const module = await Test.createTestingModule({
      imports: [{ module: BusModule, global: true }, ClusterCqrsModule],
    }).compile();
    await expect(module.init()).rejects.toMatchObject({
      code: 'CLUSTER_CONFIG',
      message: expect.stringContaining('Import CqrsModule.forRoot()'),
    });
  });

  it.each([
    [{}],
    [{ handlers: 'all' }],
    [{ handlers: 'each', nam: 'x' }],
    [{ handlers: 'each', name: 'a*' }],
    [{ handlers: 'once', revive: 5 }],
  ])('is an error in the options: %j', options => {
    expect(() => DistributedEvent(options as never)(LocalOnly)).toThrow(
      expect.objectContaining({ code: 'CLUSTER_BUS_INPUT' }),
    );
  });

  it('leaves commands alone', () => {
    expect(workers[0]!.get(CommandBus)).toBeDefined();
  });
});

import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BusUnavailableError } from '../../model/errors/bus-unavailable.error.js';
import type { BusClient } from '../bus-client.js';
import { BusExplorer, type FoundMethod } from './bus.explorer.js';
import { kindOf } from '../publish/topic.js';
import { BUS, type LazyBus } from '../lazy-bus.js';

/**
 * Subscribes the decorated methods before the application accepts requests.
 *
 * @internal
 */
@Injectable()
export class BusOrchestrator implements OnApplicationBootstrap {
  constructor(
    private readonly explorer: BusExplorer,
    @Inject(BUS) private readonly bus: LazyBus,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const methods = this.explorer.explore();
    if (methods.length > 0) {
      const topics = methods.flatMap(({ events, requests }) => [...events, ...requests]);
      const names = topics.map(({ topic }) => topic.name).join(', ');
      const { nextDeadline: deadline } = this.bus;
      const bus = await this.bus.use(
        why => new BusUnavailableError(names, why, false, { method: 'subscribe' }),
      );
      await Promise.all(methods.map(method => connect(bus, method, deadline)));
    }
  }
}

async function connect(
  bus: BusClient,
  { name, events, requests, call, callOther }: FoundMethod,
  deadline: number,
): Promise<void> {
  const subscribed = events.map(({ topic, options: { onGap, ...terms } }) =>
    bus.subscribe(
      topic.name,
      {
        name,
        handle: call,
        onGap: onGap === undefined ? undefined : gap => callOther(onGap, gap),
        schema: topic.schema,
      },
      { ...terms, ...kindOf(topic.options, terms), concurrency: terms.concurrency ?? 1 },
      deadline,
    ),
  );
  const answering = requests.map(({ topic }) =>
    bus.answer(topic.name, { name, answer: call, schema: topic.schema }, deadline),
  );
  await Promise.all([...subscribed, ...answering]);
}

/** Workers that publish and subscribe with the bus: through Redis if `CLUSTER_REDIS_URL` is set. */
import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ClusterBus, ClusterModule, defineTopic, type Topic } from 'nestjs-cluster';
import { bootstrap } from './bootstrap.js';
import type { BenchEvent } from './bus-event.js';
import { joinBenchmark } from './bus-member.js';
import type { BenchTopic } from './bus-transport.js';

const QUESTION = 'question';

const TOPICS: Record<BenchTopic, string | Topic<BenchEvent>> = {
  event: 'event',
  kept: defineTopic<BenchEvent>('kept', { durable: true }),
  ping: 'ping',
  pong: 'pong',
};

@Injectable()
class BenchMember implements OnApplicationBootstrap {
  constructor(private readonly bus: ClusterBus) {}

  async onApplicationBootstrap(): Promise<void> {
    this.bus.errors.subscribe(fault => console.error(fault));
    await this.bus.answer(QUESTION, () => true);
    await joinBenchmark({
      publish: (topic, event) => this.bus.publish(TOPICS[topic], event),
      subscribe: (topic, handler) =>
        this.bus.subscribe(TOPICS[topic], handler, { onGap: gap => console.error(gap) }),
      ask: event => this.#ask(event),
    });
  }

  async #ask(event: BenchEvent): Promise<void> {
    const { replies, missing } = await this.bus.ask(QUESTION, event);
    if (replies.length !== Number(process.env['CLUSTER_WORKERS']) || missing.length > 0) {
      throw new Error(`Answered by ${JSON.stringify(replies)}, not by ${JSON.stringify(missing)}`);
    }
  }
}

@Module({ imports: [ClusterModule.forRoot()], providers: [BenchMember] })
class BusModule {}

await bootstrap(BusModule);

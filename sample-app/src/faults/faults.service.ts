import { Injectable } from '@nestjs/common';
import { ClusterBus, defineTopic, OnClusterEvent, type WorkerIdentity } from 'nestjs-cluster';
import { blockEventLoop } from './block-event-loop.js';

/** A fault, and the worker that is to have it. */
interface Fault {
  readonly host: string;
  readonly id: number;
  /** Milliseconds for which it blocks its event loop; without, it crashes. */
  readonly block?: number;
}

const FAULT = defineTopic<Fault>('fault');

/** Causes faults in a chosen worker. Any worker can be asked: the bus brings the order to the chosen one. */
@Injectable()
export class FaultsService {
  constructor(private readonly bus: ClusterBus) {}

  crash({ id }: WorkerIdentity): void {
    this.bus.emit(FAULT, { host: this.bus.member.host, id });
  }

  block({ id }: WorkerIdentity, ms: number): void {
    this.bus.emit(FAULT, { host: this.bus.member.host, id, block: ms });
  }

  @OnClusterEvent(FAULT)
  onFault({ host, id, block }: Fault): void {
    const { member } = this.bus;
    if (host !== member.host || id !== member.id) {
      return;
    }
    if (block !== undefined) {
      blockEventLoop(block);
      return;
    }
    // The bus would catch the error of this method.
    setImmediate(() => {
      throw new Error(`Worker ${member.slot} was told to crash`);
    });
  }
}

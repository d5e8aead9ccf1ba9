import { Injectable } from '@nestjs/common';
import { type ClusterEvent, ClusterService } from 'nestjs-cluster';

const KEPT = 200;

/** Remembers the latest lifecycle events. The primary sends them to all workers, in the same order. */
@Injectable()
export class RecentEvents {
  private readonly kept: ClusterEvent[] = [];

  constructor(cluster: ClusterService) {
    cluster.events.subscribe(event => {
      this.kept.push(event);
      if (this.kept.length > KEPT) {
        this.kept.shift();
      }
    });
  }

  get latest(): readonly ClusterEvent[] {
    return this.kept;
  }
}

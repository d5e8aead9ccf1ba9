import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';
import { ClusterService, type WorkerStatus } from 'nestjs-cluster';

/** Finds the worker that is ready in a slot of this host. */
@Injectable()
export class ReadyWorkerPipe implements PipeTransform<string, Promise<WorkerStatus>> {
  constructor(private readonly cluster: ClusterService) {}

  async transform(slot: string): Promise<WorkerStatus> {
    const { workers } = await this.cluster.status();
    const ready = workers.filter(({ state }) => state === 'ready');
    const worker = ready.findLast(each => String(each.slot) === slot);
    if (!worker) {
      throw new NotFoundException(`No worker is ready in slot ${JSON.stringify(slot)}`);
    }
    return worker;
  }
}

import { ConflictException, Controller, Header, Post } from '@nestjs/common';
import { ClusterError, ClusterService, type ReloadResult } from 'nestjs-cluster';

/** Operations on the host. A real application must protect them with a guard. */
@Controller('api')
export class OperationsController {
  constructor(private readonly cluster: ClusterService) {}

  /**
   * Replaces all workers. This worker is replaced last, so it can answer. Then it leaves, and the next request on this
   * connection would still reach it.
   */
  @Post('reload')
  @Header('Connection', 'close')
  async reload(): Promise<ReloadResult> {
    try {
      return await this.cluster.reload();
    } catch (error) {
      throw error instanceof ClusterError ? new ConflictException(error.message) : error;
    }
  }
}

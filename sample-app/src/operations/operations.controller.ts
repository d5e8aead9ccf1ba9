import { ConflictException, Controller, Post } from '@nestjs/common';
import { ClusterError, ClusterService, type ReloadResult } from 'nestjs-cluster';

/** What whoever runs the application does to it. Yours would ask who that is, before. */
@Controller('api')
export class OperationsController {
  constructor(private readonly cluster: ClusterService) {}

  /** Replaces all workers, this one last: it answers before it goes. */
  @Post('reload')
  async reload(): Promise<ReloadResult> {
    try {
      return await this.cluster.reload();
    } catch (error) {
      throw error instanceof ClusterError ? new ConflictException(error.message) : error;
    }
  }
}

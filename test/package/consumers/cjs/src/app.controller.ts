import { Controller, Get } from '@nestjs/common';
import { ClusterService, type HostStatus } from 'nestjs-cluster';
import { AppService } from './app.service';

@Controller()
export class AppController {
  constructor(
    private readonly appService: AppService,
    private readonly cluster: ClusterService,
  ) {}

  @Get()
  getHello(): string {
    return this.appService.getHello();
  }

  @Get('status')
  getStatus(): Promise<HostStatus> {
    return this.cluster.status();
  }
}

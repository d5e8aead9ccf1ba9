import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { RequestCount } from './request-count.interceptor.js';
import { WorkerController } from './worker.controller.js';
import { WorkerReportService } from './worker-report.service.js';

@Module({
  controllers: [WorkerController],
  providers: [
    WorkerReportService,
    RequestCount,
    { provide: APP_INTERCEPTOR, useExisting: RequestCount },
  ],
})
export class WorkerModule {}

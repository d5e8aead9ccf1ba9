import { Module } from '@nestjs/common';
import { ClusterModule } from 'nestjs-cluster';
import { AppController } from './app.controller.js';
import { AppService } from './app.service.js';

@Module({
  imports: [ClusterModule.forRoot()],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}

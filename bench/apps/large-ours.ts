import { Module } from '@nestjs/common';
import { ClusterModule } from 'nestjs-cluster';
import { bootstrap } from './bootstrap.js';
import { LargeModule } from './large.module.js';

@Module({ imports: [ClusterModule.forRoot(), LargeModule] })
class AppModule {}

await bootstrap(AppModule);

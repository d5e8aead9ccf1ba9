import { Module } from '@nestjs/common';
import { ClusterModule } from 'nestjs-cluster';
import { PlainModule } from './plain.module.js';

@Module({ imports: [ClusterModule.forRoot(), PlainModule] })
export class ClusteredModule {}

import { Module } from '@nestjs/common';
import { ClusterModule } from 'nestjs-cluster';
import { ClusterSocketIoModule } from 'nestjs-cluster/socket.io';
import { bootstrap } from './bootstrap.js';
import { SocketsModule } from './sockets.module.js';

@Module({ imports: [ClusterModule.forRoot(), ClusterSocketIoModule.forRoot(), SocketsModule] })
class ClusteredSocketsModule {}

await bootstrap(ClusteredSocketsModule);

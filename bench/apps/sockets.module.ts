import { Module } from '@nestjs/common';
import { SocketsGateway } from './sockets.gateway.js';

@Module({ providers: [SocketsGateway] })
export class SocketsModule {}

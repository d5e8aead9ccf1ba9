import { Module } from '@nestjs/common';
import { VisitorsGateway } from './visitors.gateway.js';

@Module({ providers: [VisitorsGateway], exports: [VisitorsGateway] })
export class VisitorsModule {}

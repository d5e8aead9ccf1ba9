import { Module } from '@nestjs/common';
import { BenchController } from './bench.controller.js';

/** The application that all candidates run. */
@Module({ controllers: [BenchController] })
export class PlainModule {}

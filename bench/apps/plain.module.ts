import { Module } from '@nestjs/common';
import { BenchController } from './bench.controller.js';

/** The application of all candidates. */
@Module({ controllers: [BenchController] })
export class PlainModule {}

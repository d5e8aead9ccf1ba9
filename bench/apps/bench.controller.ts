import { Controller, Get } from '@nestjs/common';
import { burn } from './burn.js';

const iterations = Number(process.env['BENCH_ITERATIONS'] ?? 0);

@Controller()
export class BenchController {
  @Get('hello')
  hello(): string {
    return 'Hello World!';
  }

  /** Costs a fixed amount of work, which is the same in all processes with the same `BENCH_ITERATIONS`. */
  @Get('work')
  work(): string {
    return String(burn(iterations));
  }
}

/** Workers that increment a counter in the memory of their primary, for the time that a request gives. */
import { Controller, Get, Module, Query } from '@nestjs/common';
import { ClusterModule, SharedState } from 'nestjs-cluster';
import { bootstrap } from './bootstrap.js';
import { inFlight, type Turn } from './in-flight.js';

@Controller()
class CountingController {
  constructor(private readonly state: SharedState) {}

  @Get('turn')
  turn(
    @Query('inFlight') count: string,
    @Query('milliseconds') milliseconds: string,
  ): Promise<Turn> {
    const counter = this.state.counter('counter');
    return inFlight(Number(count), Number(milliseconds), () => counter.increment());
  }
}

@Module({ imports: [ClusterModule.forRoot()], controllers: [CountingController] })
class CountingModule {}

await bootstrap(CountingModule);

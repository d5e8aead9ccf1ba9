import { Controller, Get, Injectable, Module, type Type } from '@nestjs/common';
import { PlainModule } from './plain.module.js';

const MODULES = 200;

/** Milliseconds of CPU time for which each module is loaded, as real ones are with what they import. */
const LOAD_MILLISECONDS = 2;

function makeModule(index: number): Type {
  @Injectable()
  class Service {
    readonly index = index;
  }

  @Controller(`module-${index}`)
  class ServiceController {
    constructor(private readonly service: Service) {}

    @Get()
    get(): number {
      return this.service.index;
    }
  }

  @Module({ providers: [Service], controllers: [ServiceController], exports: [Service] })
  class FeatureModule {}

  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < LOAD_MILLISECONDS * 1_000) {
    // Loading.
  }
  return FeatureModule;
}

/** An application that takes as long to load as one of 200 modules. */
@Module({
  imports: [PlainModule, ...Array.from({ length: MODULES }, (_, index) => makeModule(index))],
})
export class LargeModule {}

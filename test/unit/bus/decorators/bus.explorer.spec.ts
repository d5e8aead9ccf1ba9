import { afterEach, describe, expect, it } from 'vitest';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  ClusterBus,
  ClusterModule,
  OnClusterEvent,
  OnClusterRequest,
} from '../../../../src/index.js';
import { eventually } from '../../../support/eventually.js';

const lines: string[] = [];

const logger = {
  log() {},
  warn: (line: string) => lines.push(`warn ${line}`),
  error: (line: string) => lines.push(`error ${line}`),
};

const handled: string[] = [];

@Injectable()
class Sales {
  @OnClusterEvent('sale')
  onSale(what: string): void {
    handled.push(what);
  }

  @OnClusterRequest('sales')
  count(): number {
    return handled.length;
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Passing {
  static made = 0;
  readonly number = ++Passing.made;

  @OnClusterEvent('pass')
  onPass(): void {
    handled.push(`passing ${this.number}`);
  }
}

@Injectable()
class Late {
  @OnClusterEvent('late.*')
  onLate(): void {
    handled.push('late');
  }
}

@Module({ providers: [Late, { provide: 'late', useExisting: Late }] })
class LateModule {}

@Injectable()
class EarlyLoader {
  constructor(@Inject(LazyModuleLoader) private readonly loader: LazyModuleLoader) {}

  async onModuleInit(): Promise<void> {
    await this.loader.load(() => LateModule);
  }
}

let app: TestingModule | undefined;

async function start(...providers: object[]): Promise<TestingModule> {
  lines.length = 0;
  handled.length = 0;
  app = await Test.createTestingModule({
    imports: [ClusterModule.forRoot()],
    providers: providers as never[],
  })
    .setLogger(logger)
    .compile();
  return app.init();
}

afterEach(async () => {
  await app?.close();
  app = undefined;
});

describe('decorated methods', () => {
  it('are found by instance, under however many tokens it is provided', async () => {
    const module = await start(
      Sales,
      { provide: 'by factory', inject: [Sales], useFactory: (sales: Sales) => sales },
      { provide: 'by alias', useExisting: Sales },
      { provide: 'by value', useValue: { of: 'another kind' } },
    );
    const bus = module.get(ClusterBus);
    await bus.publish('sale', 'one');
    await eventually(
      () => handled.length > 0,
      5_000,
      () => 'none was handled',
    );
    const { replies } = await bus.ask('sales');
    expect(handled).toEqual(['one']);
    expect(replies).toMatchObject([{ value: 1 }]);
  });

  it('are two where there are two instances', async () => {
    const module = await start(Sales, { provide: 'other', useFactory: () => new OtherSales() });
    await module.get(ClusterBus).publish('sale', 'one');
    await eventually(
      () => handled.length === 2,
      5_000,
      () => handled.join(', '),
    );
  });

  it('are reported on transient providers', async () => {
    const module = await start(Passing);
    expect(lines.filter(line => line.includes('Passing'))).toEqual([
      expect.stringMatching(
        /^warn Passing\.onPass \(@OnClusterEvent\("pass"\)\) is a method of a transient provider/,
      ),
    ]);
    const bus = module.get(ClusterBus);
    await bus.publish('pass', 1);
    await bus.publish('pass', 2);
    await eventually(
      () => handled.length === 2,
      5_000,
      () => handled.join(', '),
    );
    expect(new Set(handled).size).toBe(2);
  });

  it('are reported, once, in modules that are loaded lazily', async () => {
    const module = await start(Sales);
    const loader = module.get(LazyModuleLoader);
    await loader.load(() => LateModule);
    await loader.load(() => LateModule);
    expect(lines.filter(line => line.includes('Late'))).toEqual([
      expect.stringMatching(
        /^error Late\.onLate \(@OnClusterEvent\("late\.\*"\)\) is never called: LateModule was loaded lazily.* Import LateModule when/,
      ),
    ]);
  });

  it('are found in those that are loaded before the application has begun', async () => {
    const module = await start(EarlyLoader);
    await module.get(ClusterBus).publish('late.one', 1);
    await eventually(
      () => handled.length === 1,
      5_000,
      () => 'none was handled',
    );
    expect(lines.filter(line => line.includes('Late.'))).toEqual([]);
  });
});

class OtherSales {
  @OnClusterEvent('sale')
  onSale(what: string): void {
    handled.push(`other ${what}`);
  }
}

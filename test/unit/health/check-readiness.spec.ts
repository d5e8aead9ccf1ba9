import { afterEach, describe, expect, it } from 'vitest';
import type { INestApplicationContext } from '@nestjs/common';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as terminus from '@nestjs/terminus';
import { checkReadiness } from '../../../src/health/check-readiness.js';
import { nestPackages, type NestPackages } from '../../support/nest/nest-packages.js';

let app: INestApplicationContext;

afterEach(() => app.close());

async function healthChecks(nest: NestPackages): Promise<terminus.HealthCheckService> {
  @nest.common.Module({ imports: [nest.terminus.TerminusModule.forRoot({ logger: false })] })
  class AppModule {}
  app = await nest.core.NestFactory.createApplicationContext(AppModule, { logger: false });
  return app.get(nest.terminus.HealthCheckService);
}

const up = async () => ({ state: { status: 'up' as const } });
const degraded = async () => ({ host: { status: 'degraded' as const, problems: ['late'] } });
const late = async () => ({ database: { status: 'degraded' as const } });
const down = async () => ({ database: { status: 'down' as const } });

describe.each<[string, () => NestPackages]>([
  ['11.0', () => nestPackages('11.0')],
  ['11', () => nestPackages('11')],
  ['12', () => ({ common, core, terminus })],
])('a check by Terminus %s', (_, packages) => {
  it('is ok if everything is up', async () => {
    const checks = await healthChecks(packages());
    expect(await checkReadiness(checks, [up])).toEqual({
      status: 'ok',
      info: { state: { status: 'up' } },
      error: {},
      details: { state: { status: 'up' } },
    });
  });

  it('is degraded if something is degraded and nothing is down', async () => {
    const checks = await healthChecks(packages());
    const healths = {
      host: { status: 'degraded', problems: ['late'] },
      state: { status: 'up' },
    };
    expect(await checkReadiness(checks, [degraded, up])).toEqual({
      status: 'degraded',
      info: healths,
      error: {},
      details: healths,
    });
  });
});

describe('a check that fails', () => {
  it('shows the indicator that is down, if another of the same name is degraded', async () => {
    const checks = await healthChecks({ common, core, terminus });
    const failure = await checkReadiness(checks, [late, down]).catch((error: unknown) => error);
    expect((failure as common.ServiceUnavailableException).getResponse()).toMatchObject({
      details: { database: { status: 'down' } },
    });
  });

  it('is refused with everything that is known', async () => {
    const checks = await healthChecks({ common, core, terminus });
    const failure = await checkReadiness(checks, [degraded, down]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(common.ServiceUnavailableException);
    expect((failure as common.ServiceUnavailableException).getResponse()).toEqual({
      status: 'error',
      info: { host: { status: 'degraded', problems: ['late'] } },
      error: { database: { status: 'down' } },
      details: {
        host: { status: 'degraded', problems: ['late'] },
        database: { status: 'down' },
      },
    });
  });
});

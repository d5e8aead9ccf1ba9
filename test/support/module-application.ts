import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModule } from '@nestjs/testing';

/** Compiles a module as users do in their tests, without log lines. */
export function compileModule(metadata: ModuleMetadata): Promise<TestingModule> {
  return Test.createTestingModule(metadata)
    .setLogger({ log() {}, warn() {}, error() {} })
    .compile();
}

export interface StartOptions {
  readonly fastify?: boolean;
  /** Called before the application listens. */
  readonly before?: (app: INestApplication) => unknown;
}

/** Starts an application as users do in their tests: in one process, and listening on a free port. */
export async function startModule(
  metadata: ModuleMetadata,
  { fastify = false, before = () => {} }: StartOptions = {},
): Promise<INestApplication> {
  const module = await compileModule(metadata);
  const app = fastify
    ? module.createNestApplication(await fastifyAdapter())
    : module.createNestApplication();
  try {
    before(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

/** Loaded on first use: most tests need no Fastify. */
async function fastifyAdapter(): Promise<FastifyAdapter> {
  const { FastifyAdapter: Adapter } = await import('@nestjs/platform-fastify');
  return new Adapter();
}

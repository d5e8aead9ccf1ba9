import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** With PM2, users enable Nest's shutdown hooks, and send `ready` for `--wait-ready` when the application listens. */
const behindPm2 = process.env['pm_id'] !== undefined;

const usesFastify = process.env['BENCH_ADAPTER'] === 'fastify';

async function fastify() {
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return new FastifyAdapter();
}

/** The `main.ts` of `nest new`, with an additional line on standard output when the process listens. */
export async function bootstrap(module: Type): Promise<void> {
  const app = await (usesFastify
    ? NestFactory.create(module, await fastify())
    : NestFactory.create(module));
  if (behindPm2) {
    app.enableShutdownHooks();
  }
  await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
  process.stdout.write(`@ready ${process.pid}\n`);
  if (behindPm2) {
    process.send?.('ready');
  }
}

import { once } from 'node:events';
import type { ListenOptions, Server } from 'node:net';
import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const port = Number(process.env['PORT'] ?? 3000);
const HOST = '127.0.0.1';

/** With PM2, users enable Nest's shutdown hooks, and send `ready` for `--wait-ready` when the application listens. */
const behindPm2 = process.env['pm_id'] !== undefined;

const usesFastify = process.env['BENCH_ADAPTER'] === 'fastify';

async function fastify() {
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return new FastifyAdapter();
}

/** Listens on a socket of this process, to which the kernel gives its share of the connections. */
async function listenWithReusePort(app: INestApplication): Promise<void> {
  await app.init();
  const server = app.getHttpServer() as Server;
  // Described by the types of a later Node.
  server.listen({ port, host: HOST, exclusive: true, reusePort: true } as ListenOptions);
  await once(server, 'listening');
}

/** The `main.ts` of `nest new`, with an additional line on standard output when the process listens. */
export async function bootstrap(module: Type): Promise<void> {
  const app = await (usesFastify
    ? NestFactory.create(module, await fastify())
    : NestFactory.create(module));
  if (behindPm2) {
    app.enableShutdownHooks();
  }
  await (process.env['BENCH_REUSE_PORT'] ? listenWithReusePort(app) : app.listen(port, HOST));
  process.stdout.write(`@ready ${process.pid}\n`);
  if (behindPm2) {
    process.send?.('ready');
  }
}

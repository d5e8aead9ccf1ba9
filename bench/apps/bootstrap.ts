import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** PM2's users end their application by Nest's hooks, and tell `--wait-ready` when it listens. */
const behindPm2 = process.env['pm_id'] !== undefined;

/** What `nest new` writes into `main.ts`, and a line that says when this process listens. */
export async function bootstrap(module: Type): Promise<void> {
  const app = await NestFactory.create(module);
  if (behindPm2) {
    app.enableShutdownHooks();
  }
  await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
  process.stdout.write(`@ready ${process.pid}\n`);
  if (behindPm2) {
    process.send?.('ready');
  }
}

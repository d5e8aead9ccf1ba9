import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** What `nest new` writes into `main.ts`, and a line that says when this process listens. */
export async function bootstrap(module: Type): Promise<void> {
  const app = await NestFactory.create(module);
  await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
  process.stdout.write(`@ready ${process.pid}\n`);
  // What PM2's `--wait-ready` waits for.
  if (process.env['pm_id'] !== undefined) {
    process.send?.('ready');
  }
}

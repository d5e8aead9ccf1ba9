import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { SocketsModule } from './sockets.module.js';

type Server = ReturnType<IoAdapter['createIOServer']>;

/** Changes a server of Socket.IO as the README of a package says. */
export type Prepare = (server: Server) => void;

class PreparedIoAdapter extends IoAdapter {
  constructor(
    app: INestApplication,
    private readonly prepare: Prepare,
  ) {
    super(app);
  }

  override createIOServer(...args: Parameters<IoAdapter['createIOServer']>): Server {
    const server = super.createIOServer(...args);
    this.prepare(server);
    return server;
  }
}

/** Creates the same application as `sockets.ts`, with another adapter. */
export async function createSockets(prepare: Prepare): Promise<INestApplication> {
  const app = await NestFactory.create(SocketsModule);
  app.useWebSocketAdapter(new PreparedIoAdapter(app, prepare));
  return app;
}

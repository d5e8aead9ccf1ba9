import type { INestApplicationContext } from '@nestjs/common';

/** The part of a microservice's transport that is used here. @internal */
export interface TransportServer {
  listen(callback: (error?: unknown, ...rest: unknown[]) => void): unknown;
}

/** Nest 12 has a method for it. In Nest 11 it is a private property. */
interface Microservice {
  getTransportServer?(): TransportServer;
  readonly serverInstance?: TransportServer;
}

/**
 * What a microservice listens with; `undefined` for applications of other kinds.
 *
 * @internal
 */
export function transportServerOf(app: INestApplicationContext): TransportServer | undefined {
  const microservice = app as Microservice;
  return microservice.getTransportServer?.() ?? microservice.serverInstance;
}

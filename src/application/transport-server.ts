import type { INestApplicationContext } from '@nestjs/common';
import type { MessageTransport } from '../drain/messages/transport.interface.js';

/** The part of a microservice's transport that is used here. @internal */
export interface TransportServer extends MessageTransport {
  listen(callback: (error?: unknown, ...rest: unknown[]) => void): unknown;
}

/** Nest 12 has a method that returns the transport. Nest 11 has a private property. */
interface Microservice {
  getTransportServer?(): TransportServer;
  readonly serverInstance?: TransportServer;
}

/**
 * Returns the transport with which a microservice listens; `undefined` for other kinds of applications.
 *
 * @internal
 */
export function transportServerOf(app: INestApplicationContext): TransportServer | undefined {
  const microservice = app as Microservice;
  return microservice.getTransportServer?.() ?? microservice.serverInstance;
}

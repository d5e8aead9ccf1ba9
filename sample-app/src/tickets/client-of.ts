import type { IncomingMessage } from 'node:http';
import { BadRequestException } from '@nestjs/common';

/** Returns the name of a client: its header `X-Client`, otherwise its address. */
export function clientOf({ headers, socket }: IncomingMessage): string {
  const name = headers['x-client'];
  if (name === undefined) {
    return `address ${socket.remoteAddress}`;
  }
  if (typeof name !== 'string' || !/^[\w-]{1,64}$/.test(name)) {
    throw new BadRequestException('X-Client takes 1 to 64 letters, digits, _ and -');
  }
  return `client ${name}`;
}

import { EXIT } from '../exit-codes.js';
import type { HostCommand } from './command.interface.js';
import { checked, VALUES } from './values.js';

/** `nestjs-cluster metrics` @internal */
export const metrics: HostCommand = async (client, { json }, io) => {
  const value = checked(VALUES.metrics, await client.request('metrics', {}));
  io.print(json ? `${JSON.stringify(value)}\n` : value.text);
  return EXIT.done;
};

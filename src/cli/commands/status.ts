import { EXIT } from '../exit-codes.js';
import { jsonText } from '../output/json-text.js';
import { statusText } from '../output/status-text.js';
import { styler } from '../output/style.js';
import type { HostCommand } from './command.interface.js';
import { fleetStatus } from './fleet.js';
import { checked, VALUES } from './values.js';

/** `nestjs-cluster status [--all]` @internal */
export const status: HostCommand = async (client, input, io) => {
  const { json, options } = input;
  if (options['all'] === true) {
    return fleetStatus(client, input, io);
  }
  const value = checked(VALUES.status, await client.request('status', {}));
  const { hello } = client;
  if (json) {
    const { name, version } = hello;
    io.print(`${jsonText({ name, version, ...value })}\n`);
  } else {
    const lines = statusText(value, { hello, style: styler(io), now: io.now() });
    io.print(`${lines.join('\n')}\n`);
  }
  return EXIT.done;
};

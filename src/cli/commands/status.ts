import { EXIT } from '../exit-codes.js';
import { statusText } from '../output/status-text.js';
import { styler } from '../output/style.js';
import type { HostCommand } from './command.interface.js';
import { statusOf } from './values.js';

/** `nestjs-cluster status` @internal */
export const status: HostCommand = async (client, { json }, io) => {
  const value = statusOf(await client.request('status', {}));
  const { hello } = client;
  if (json) {
    const { name, version } = hello;
    io.print(`${JSON.stringify({ name, version, ...value })}\n`);
  } else {
    const lines = statusText(value, { hello, style: styler(io), now: io.now() });
    io.print(`${lines.join('\n')}\n`);
  }
  return EXIT.done;
};

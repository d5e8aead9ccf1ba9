import { EXIT } from '../exit-codes.js';
import { jsonText } from '../output/json-text.js';
import { safeLine } from '../output/safe-line.js';
import type { HostCommand } from './command.interface.js';
import { checked, VALUES } from './values.js';

/** `nestjs-cluster metrics` @internal */
export const metrics: HostCommand = async (client, { json }, io) => {
  const value = checked(VALUES.metrics, await client.request('metrics', {}));
  if (json) {
    io.print(`${jsonText(value)}\n`);
  } else {
    io.print(io.isTerminal ? safeLines(value.text) : value.text);
  }
  return EXIT.done;
};

function safeLines(text: string): string {
  return text
    .split('\n')
    .map(line => safeLine(line, false))
    .join('\n');
}

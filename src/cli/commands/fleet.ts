import { EXIT } from '../exit-codes.js';
import { jsonText } from '../output/json-text.js';
import { fleetText, rolloutText, stepText } from '../output/fleet-text.js';
import { lastOutput } from '../output/last-output.js';
import { styler } from '../output/style.js';
import type { HostCommand } from './command.interface.js';
import { checked, VALUES } from './values.js';
import { positiveNumber } from './whole-number.js';

/** `nestjs-cluster status --all` @internal */
export const fleetStatus: HostCommand = async (client, { json }, io) => {
  const value = checked(VALUES.fleet, await client.request('fleet', {}));
  io.print(`${json ? jsonText(value) : fleetText(value, styler(io)).join('\n')}\n`);
  return EXIT.done;
};

/** `nestjs-cluster reload --all` @internal */
export const reloadAll: HostCommand = async (client, { json, options }, io) => {
  const params = maxUnavailable(options['max-unavailable']);
  const onStep = (item: unknown): void => {
    const text = json ? undefined : stepText(checked(VALUES.step, item));
    if (text !== undefined) {
      io.note(`${text}\n`);
    }
  };
  const value = checked(VALUES.rollout, await client.request('reloadAll', params, onStep));
  if (json) {
    io.print(`${jsonText(value)}\n`);
  } else {
    value.hosts.forEach(({ worker }) => io.note(lastOutput(worker, io)));
    io.print(`${rolloutText(value)}\n`);
  }
  return value.result === 'done' ? EXIT.done : EXIT.failed;
};

function maxUnavailable(value: string | boolean | undefined): { maxUnavailable?: number } {
  return typeof value === 'string'
    ? { maxUnavailable: positiveNumber('--max-unavailable', value) }
    : {};
}

import { connect, type ConnectionOptions } from 'node:tls';
import { checkFields } from '../config/check-fields.js';
import { MAX_DURATION, MAX_TIMER } from '../state/max-duration.js';
import { fieldsOf } from '../validation/read-fields.js';
import { kindOf } from '../validation/describe-received.js';
import type { Rule } from '../validation/rule.interface.js';
import { milliseconds, text, trueOrFalse } from '../validation/rules.js';
import { isRecord } from '../system/is-record.js';
import { printableError } from '../system/text/printable.js';
import { parseAddress } from '../session-forwarding/hosts/host-address.js';
import { definedOptions } from '../session-forwarding/hosts/host-connections.js';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';

const isOff: Rule<false> = {
  expected: 'false',
  accept: value => (value === false ? value : undefined),
};

const address = text(
  "a host such as '10.0.0.1' or 'https://10.0.0.1:3000'",
  value => parseAddress(value) !== undefined,
);

const anObject = 'an object with options of tls.connect()';

const tls: Rule<object> = {
  expected: anObject,
  accept: value => (isRecord(value) && refusalOf(value) === undefined ? value : undefined),
  // It may contain a private key.
  faultsOf: value => [
    {
      expected: anObject,
      received: isRecord(value) ? `options that Node refuses: ${refusalOf(value)}` : kindOf(value),
    },
  ],
};

/** Returns why every connection would fail, without the values; `undefined` if none would. */
function refusalOf(options: object): string | undefined {
  try {
    // The name is never found, so that nothing is sent.
    const to = { host: 'trial', port: 1, path: undefined, lookup: () => {} };
    const trial = { ...definedOptions(options), ...to };
    connect(trial as ConnectionOptions)
      .on('error', () => {})
      .destroy();
    return undefined;
  } catch (error) {
    return printableError(error).split(/ Received |\\n/)[0];
  }
}

const RULES = {
  requestsTimeout: milliseconds(1, MAX_TIMER),
  recovery: fieldsOf({ maxDisconnection: milliseconds(1, MAX_DURATION) }, isOff),
  forwardBetweenHosts: fieldsOf({ address, tls }, trueOrFalse),
};

/**
 * @throws ClusterConfigError with all unknown options and invalid values
 * @internal
 */
export function checkOptions(options: ClusterSocketIoOptions): void {
  checkFields(RULES, options, 'ClusterSocketIoModule');
}

import { isRecord } from '../system/is-record.js';
import { shown } from '../system/text/shown.js';
import { either } from '../validation/config-problem.js';
import { describeReceived } from '../validation/describe-received.js';
import type { Fault } from '../validation/fault.interface.js';
import { nearestNames } from '../validation/nearest-names.js';
import type { Rule } from '../validation/rule.interface.js';
import { DOCTOR_CHECKS, type DoctorCheck } from './doctor-checks.js';

const EXPECTED =
  "true, false, or { ignore: […] } with names of checks; CLUSTER_DOCTOR takes true, false, or names with a minus, such as '-schedule,-cache'";

/** An ignored check in the environment. */
const IGNORED = /^-([\w.-]+)$/;

/**
 * The rule of the option `doctor`. It accepts a boolean, the checks to ignore, and the texts of both. The accepted value
 * is the list of the checks that are made.
 *
 * @internal
 */
export const doctorRule: Rule<readonly DoctorCheck[]> = {
  expected: EXPECTED,
  accept: value => {
    if (value === true || value === 'true') {
      return DOCTOR_CHECKS;
    }
    if (value === false || value === 'false') {
      return [];
    }
    const ignored = ignoredIn(value);
    return ignored?.every(isCheck)
      ? DOCTOR_CHECKS.filter(check => !ignored.includes(check))
      : undefined;
  },
  faultsOf: value => {
    const unknown = ignoredIn(value)?.filter(name => !isCheck(name)) ?? [];
    return unknown.length > 0
      ? unknown.map(name => unknownCheck(name, isRecord(value) ? '.ignore' : ''))
      : [{ expected: EXPECTED, received: describeReceived(value) }];
  },
};

/** Returns the names of the checks to ignore, unknown ones included; `undefined` if the value has another form. */
function ignoredIn(value: unknown): readonly unknown[] | undefined {
  if (typeof value === 'string') {
    const names = value.split(',').map(each => IGNORED.exec(each.trim())?.[1]);
    return names.includes(undefined) ? undefined : names;
  }
  if (!isRecord(value) || Object.keys(value).some(name => name !== 'ignore')) {
    return undefined;
  }
  const { ignore = [] } = value;
  return Array.isArray(ignore) ? (ignore as readonly unknown[]) : undefined;
}

function isCheck(name: unknown): name is DoctorCheck {
  return DOCTOR_CHECKS.some(check => check === name);
}

function unknownCheck(name: unknown, path: string): Fault {
  const near = typeof name === 'string' ? nearestNames(name, DOCTOR_CHECKS) : [];
  return {
    path,
    expected: `names of checks (${DOCTOR_CHECKS.join(', ')})`,
    received: typeof name === 'string' ? shown(name) : describeReceived(name),
    ...(near.length > 0 && { hint: `Did you mean ${either(near)}?` }),
  };
}

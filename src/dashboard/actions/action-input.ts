import type { WorkerChoice } from '../../control/inspection.js';
import {
  STATE_ENTRY_KINDS,
  type StateEntryKind,
} from '../../state/inspection/state-inspection.interface.js';
import { MAX_WORKERS } from '../../model/max-workers.js';
import { isRecord } from '../../system/is-record.js';
import { dashboardMessages } from '../dashboard.messages.js';

const MAX_PID = 2 ** 31 - 1;

/** The body of a request is not what the action needs. @internal */
export class ActionInputError extends Error {
  override readonly name = 'ActionInputError';
}

/**
 * Returns a whole number of a body.
 *
 * @throws ActionInputError
 * @internal
 */
export function wholeNumber(body: unknown, name: string, min: number, max: number): number {
  const value = isRecord(body) ? body[name] : undefined;
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    const expected = dashboardMessages.expected(name, `a whole number from ${min} to ${max}`);
    throw new ActionInputError(expected);
  }
  return value as number;
}

/**
 * Returns the worker that a body names.
 *
 * @throws ActionInputError
 * @internal
 */
export function workerIn(body: unknown): WorkerChoice {
  const slot = wholeNumber(body, 'slot', 0, MAX_WORKERS);
  const hasPid = isRecord(body) && body['pid'] !== undefined;
  return { slot, ...(hasPid && { pid: wholeNumber(body, 'pid', 1, MAX_PID) }) };
}

/**
 * Returns a text of a body.
 *
 * @throws ActionInputError
 * @internal
 */
export function textOf(body: unknown, name: string, maxLength: number): string {
  const value = isRecord(body) ? body[name] : undefined;
  if (typeof value !== 'string' || value === '' || value.length > maxLength) {
    const expected = dashboardMessages.expected(name, `a text of 1 to ${maxLength} characters`);
    throw new ActionInputError(expected);
  }
  return value;
}

/**
 * Returns the kind of an entry of the shared state.
 *
 * @throws ActionInputError
 * @internal
 */
export function kindOf(body: unknown): StateEntryKind {
  const given = isRecord(body) ? body['kind'] : undefined;
  const kind = STATE_ENTRY_KINDS.find(each => each === given);
  if (!kind) {
    const expected = `one of ${STATE_ENTRY_KINDS.join(', ')}`;
    throw new ActionInputError(dashboardMessages.expected('kind', expected));
  }
  return kind;
}

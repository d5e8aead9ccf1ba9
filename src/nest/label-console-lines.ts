import { ConsoleLogger } from '@nestjs/common';
import { isRecord } from '../system/is-record.js';

/** How `ConsoleLogger` identifies this process. @internal */
export interface LogLabel {
  /** Replaces the process id in a line of text; `undefined` keeps the process id. */
  readonly text: string | undefined;
  /** The fields that are added to each JSON record. */
  readonly fields: Readonly<Record<string, unknown>>;
}

type LogRecord = Record<string, unknown>;

/** The methods of `ConsoleLogger` that are wrapped. Nest 11.0 has no `getJsonLogObject()`. */
interface Steps {
  formatPid?: (this: unknown, pid: unknown) => string;
  getJsonLogObject?: (this: unknown, ...args: unknown[]) => LogRecord;
  stringifyReplacer?: (this: unknown, key: string, value: unknown) => unknown;
}

let currentLabel: () => LogLabel;
const wrapped = new WeakSet<object>();

/**
 * Makes every `ConsoleLogger` of this process show `label`, which is called for each line. Subclasses that override the
 * formatting are not affected.
 *
 * @internal
 */
export function labelConsoleLines(
  label: () => LogLabel,
  steps: object = ConsoleLogger.prototype,
): void {
  currentLabel = label;
  if (!wrapped.has(steps)) {
    wrapped.add(steps);
    wrap(steps, () => currentLabel());
  }
}

function wrap(steps: Steps, label: () => LogLabel): void {
  const { formatPid, getJsonLogObject, stringifyReplacer } = steps;
  if (formatPid) {
    steps.formatPid = function (this, pid) {
      return formatPid.call(this, label().text ?? pid);
    };
  }
  if (getJsonLogObject) {
    steps.getJsonLogObject = function (this, ...args) {
      return withFields(getJsonLogObject.apply(this, args), label().fields);
    };
  } else if (stringifyReplacer) {
    steps.stringifyReplacer = function (this, key, value) {
      const replaced = stringifyReplacer.call(this, key, value);
      // JSON calls the replacer with an empty key for the record itself. Properties of logged objects can be empty, too.
      return key === '' && isLogRecord(replaced) ? withFields(replaced, label().fields) : replaced;
    };
  }
}

function isLogRecord(value: unknown): value is LogRecord {
  return isRecord(value) && 'level' in value && 'timestamp' in value;
}

/** Fields that the application logs under the same names take precedence, except the process id. */
function withFields({ level, pid, ...rest }: LogRecord, fields: LogLabel['fields']): LogRecord {
  return { level, pid, ...fields, ...rest };
}

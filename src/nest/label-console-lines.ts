import { ConsoleLogger } from '@nestjs/common';

/** What `ConsoleLogger` tells of the process that logs. @internal */
export interface LogLabel {
  /** Takes the place of the process id in a line of text; `undefined` leaves that. */
  readonly text: string | undefined;
  /** Added to each JSON record. */
  readonly fields: Readonly<Record<string, unknown>>;
}

type LogRecord = Record<string, unknown>;

/** The steps of `ConsoleLogger` that are wrapped. Nest 11.0 has no `getJsonLogObject()`. */
interface Steps {
  formatPid?: (this: unknown, pid: unknown) => string;
  getJsonLogObject?: (this: unknown, ...args: unknown[]) => LogRecord;
  stringifyReplacer?: (this: unknown, key: string, value: unknown) => unknown;
}

let currentLabel: (() => LogLabel) | undefined;

/**
 * Has every `ConsoleLogger` of this process name it by `label`, which is asked for each line. A class that overrides
 * the formatting of Nest keeps its own.
 *
 * @internal
 */
export function labelConsoleLines(
  label: () => LogLabel,
  steps: object = ConsoleLogger.prototype,
): void {
  const isWrapped = currentLabel !== undefined;
  currentLabel = label;
  if (!isWrapped) {
    wrap(steps, () => currentLabel!());
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
      // The record itself has the empty key; so may properties of what is logged.
      return key === '' && isLogRecord(replaced) ? withFields(replaced, label().fields) : replaced;
    };
  }
}

function isLogRecord(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null && 'level' in value && 'timestamp' in value;
}

/** What the application logs under the same names stays as it is, but for the process id. */
function withFields({ level, pid, ...rest }: LogRecord, fields: LogLabel['fields']): LogRecord {
  return { level, pid, ...fields, ...rest };
}

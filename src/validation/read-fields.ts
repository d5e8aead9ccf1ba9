import { unknownOption, wrongDescribed, type ConfigProblem } from './config-problem.js';
import { describeReceived, kindOf } from './describe-received.js';
import { isRecord } from '../system/is-record.js';
import { Problems } from './problems.js';
import { type Accepted, isRule, type Rule, type RuleTable } from './rule.interface.js';

/** How messages name the fields of a table. @internal */
export interface Naming {
  /** The name of the whole object, as in "ClusterModule's options". */
  readonly whole: string;
  /** The prefix of field names: `shutdown.`. */
  readonly prefix?: string;
  /** The owner of the fields, as in " of ClusterHealthModule". */
  readonly owner?: string;
  /** Further names to suggest, besides those of the table. */
  readonly elsewhere?: readonly string[];
  /** Describes an invalid value. The default does not show values that may be secret. */
  readonly describe?: (value: unknown) => string;
}

/**
 * Reads one field, and adds its problems to `problems`.
 *
 * @param path the full name of the field
 * @internal
 */
export type ReadField = (
  rule: Rule<unknown>,
  path: string,
  value: unknown,
  problems: Problems,
  naming: Naming,
) => unknown;

/**
 * Returns the values of an object by a table of rules; `undefined` if anything is invalid. It makes no messages, so that
 * a valid call is cheap: `readFields()` describes the problems of an invalid one.
 *
 * @internal
 */
export function acceptFields<Table extends RuleTable>(
  table: Table,
  given: unknown,
): Accepted<Table> | undefined {
  if (!isRecord(given)) {
    return undefined;
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(table, name)) {
      return undefined;
    }
  }
  const values: Record<string, unknown> = {};
  // Not `for … in`, which finds what a library has added to the prototype of all objects.
  for (const name of Object.keys(table)) {
    const entry = table[name]!;
    const value = given[name];
    const isMissing = value === undefined && isRule(entry) && !entry.isRequired;
    if (!isMissing) {
      const accepted = isRule(entry) ? entry.accept(value) : acceptFields(entry, value ?? {});
      if (accepted === undefined) {
        return undefined;
      }
      values[name] = accepted;
    }
  }
  return values as Accepted<Table>;
}

/**
 * Reads an object by a table of rules: every field of the table, and no others. Problems are added to `problems`.
 *
 * @internal
 */
export function readFields<Table extends RuleTable>(
  table: Table,
  given: unknown,
  naming: Naming,
  problems: Problems,
  read: ReadField = readField,
): Accepted<Table> {
  const { prefix = '' } = naming;
  const fields = asRecord(table, given, naming, problems);
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(table, name)) {
      problems.add(prefix + name, unknownField(table, prefix + name, fields[name], naming));
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(table)) {
    const path = prefix + name;
    const value = fields[name];
    values[name] = isRule(entry)
      ? read(entry, path, value, problems, naming)
      : readFields(
          entry,
          value ?? {},
          { ...naming, whole: path, prefix: `${path}.` },
          problems,
          read,
        );
  }
  return values as Accepted<Table>;
}

/** Reads a field without further sources, such as environment variables. @internal */
export function readField<T>(
  rule: Rule<T>,
  path: string,
  value: unknown,
  problems: Problems,
  naming?: Pick<Naming, 'owner' | 'describe'>,
): T | undefined {
  if (value === undefined && !rule.isRequired) {
    return undefined;
  }
  const accepted = rule.accept(value);
  if (accepted === undefined) {
    problems.add(path, ...problemsOf(rule, path, value, naming));
  }
  return accepted;
}

/**
 * Returns the problems of a value that a rule does not accept.
 *
 * @param name of the field or the variable, as the user wrote it
 * @param received the value, as the user wrote it
 * @internal
 */
export function problemsOf(
  rule: Rule<unknown>,
  name: string,
  value: unknown,
  { owner = '', describe = describeReceived }: Pick<Naming, 'owner' | 'describe'> = {},
  received = value,
): readonly ConfigProblem[] {
  const faults = rule.faultsOf?.(value, name, owner) ?? [];
  return faults.length === 0
    ? [wrongDescribed(name, describe(received), rule.expected, owner)]
    : faults.map(({ path = '', hint, message, ...fault }) => {
        const problem = wrongDescribed(name + path, fault.received, fault.expected, owner);
        const text = message ?? problem.message;
        return { ...problem, message: hint === undefined ? text : `${text} ${hint}` };
      });
}

/**
 * Returns a rule for a field whose value is an object with its own fields.
 *
 * @param others a rule for other valid values
 * @internal
 */
export function fieldsOf<Other = never>(
  table: RuleTable,
  others?: Rule<Other>,
): Rule<Other | Readonly<Record<string, unknown>>> {
  const anObject = anyOf(table);
  const problemsWith = (value: unknown, name: string, owner: string): readonly ConfigProblem[] => {
    const problems = new Problems();
    readFields(table, value, { whole: name, prefix: `${name}.`, owner }, problems);
    return problems.all;
  };
  return {
    expected: others ? `${others.expected}, or ${anObject}` : anObject,
    accept: value =>
      others?.accept(value) ??
      (acceptFields(table, value) && (value as Readonly<Record<string, unknown>>)),
    faultsOf: (value, name, owner) => {
      if (!isRecord(value)) {
        return others ? [] : [{ expected: anObject, received: kindOf(value) }];
      }
      return problemsWith(value, name, owner).map(problem => ({
        path: problem.option.slice(name.length),
        ...problem,
      }));
    },
  };
}

function asRecord(
  table: RuleTable,
  given: unknown,
  { whole, describe = describeReceived }: Naming,
  problems: Problems,
): Record<string, unknown> {
  if (isRecord(given)) {
    return given;
  }
  problems.add(whole, wrongDescribed(whole, describe(given), anyOf(table)));
  return {};
}

function unknownField(
  table: RuleTable,
  path: string,
  value: unknown,
  { prefix = '', owner, elsewhere }: Naming,
): ConfigProblem {
  const known = Object.keys(table).map(name => prefix + name);
  return unknownOption(path, value, known, elsewhere, owner);
}

function anyOf(table: RuleTable): string {
  return `an object with any of ${Object.keys(table).join(', ')}`;
}

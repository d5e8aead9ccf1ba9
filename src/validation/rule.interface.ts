import type { Fault } from './fault.interface.js';

/** The valid values of a field or an argument. @internal */
export interface Rule<T> {
  /** The valid values, as the end of the sentence "workers must be …". */
  readonly expected: string;
  /** Whether the field is required. */
  readonly isRequired?: boolean;
  /** Returns the value as the program uses it; `undefined` for an invalid value. */
  readonly accept: (value: unknown) => T | undefined;
  /**
   * Returns the faults of an invalid value, for rules with more precise messages than {@link expected}.
   *
   * @param name the name of the field, for messages about its parts
   * @param owner the owner of the field, for the same messages
   */
  readonly faultsOf?: (value: unknown, name: string, owner: string) => readonly Fault[];
}

/** The rules of an object, by the names of its fields. A table in a table is a group of fields. @internal */
export interface RuleTable {
  readonly [name: string]: Rule<unknown> | RuleTable;
}

/** The values that the rules of a table accept. @internal */
export type Accepted<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Rule<infer T>
    ? Table[Name] extends { readonly isRequired: true }
      ? T
      : T | undefined
    : Accepted<Table[Name]>;
};

/** Whether the entry is a rule, and not a group of rules. @internal */
export function isRule(entry: Rule<unknown> | RuleTable): entry is Rule<unknown> {
  return typeof entry['accept'] === 'function';
}

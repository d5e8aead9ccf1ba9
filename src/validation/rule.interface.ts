import type { Fault } from './fault.interface.js';

/** What one field, or one argument, must be. @internal */
export interface Rule<T> {
  /** What it must be, as the end of the sentence "workers must be …". */
  readonly expected: string;
  /** Whether it may not be left out. */
  readonly isRequired?: boolean;
  /** Returns the value as the program uses it, or `undefined` for one that is not valid. */
  readonly accept: (value: unknown) => T | undefined;
  /**
   * What exactly is wrong with a value that is not valid, for rules that know more than {@link expected}.
   *
   * @param name of the field, for messages about its parts
   * @param owner what the field belongs to, for the same
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

/** Whether it is a rule, and not a group of them. @internal */
export function isRule(entry: Rule<unknown> | RuleTable): entry is Rule<unknown> {
  return typeof entry['accept'] === 'function';
}

import { asText, shown } from '../system/text/shown.js';
import { Problems } from './problems.js';
import { acceptFields, problemsOf, readFields } from './read-fields.js';
import type { Accepted, Rule, RuleTable } from './rule.interface.js';

/** The class of an error with a subject: a key, a topic. */
type InputError = new (subject: string, message: string) => Error;

/**
 * Checks the arguments of public methods. Throws an error for the first problem.
 *
 * @internal
 */
export class InputChecks {
  constructor(private readonly error: InputError) {}

  /**
   * Checks a name. The name is also the subject of the error.
   *
   * @param what as in "A key"
   */
  name(rule: Rule<unknown>, what: string, value: unknown): void {
    if (rule.accept(value) === undefined) {
      throw this.#errorOf(asText(value), rule, what, value);
    }
  }

  /**
   * Checks a value.
   *
   * @param what as in "ttl of the counter"
   * @param subject the subject of the error
   */
  value(rule: Rule<unknown>, what: string, subject: string, value: unknown): void {
    if (rule.accept(value) === undefined) {
      throw this.#errorOf(subject, rule, `${what} "${subject}"`, value);
    }
  }

  /**
   * Returns the options of a call.
   *
   * @param owner as in "the counter", or nothing
   * @param subject the subject of the error
   */
  options<Table extends RuleTable>(
    table: Table,
    owner: string,
    subject: string,
    given: unknown,
  ): Accepted<Table> {
    const accepted = acceptFields(table, given);
    if (accepted) {
      return accepted;
    }
    const problems = new Problems();
    const ofSubject = ` of ${owner && `${owner} `}"${subject}"`;
    const naming = { whole: `options${ofSubject}`, owner: ofSubject, describe: shown };
    readFields(table, given, naming, problems);
    throw new this.error(subject, problems.all[0]!.message);
  }

  #errorOf(subject: string, rule: Rule<unknown>, what: string, value: unknown): Error {
    const [problem] = problemsOf(rule, what, value, { describe: shown });
    return new this.error(subject, problem!.message);
  }
}

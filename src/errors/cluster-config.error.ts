import { inspect } from 'node:util';
import { ClusterError } from './cluster.error.js';

/** Without the password of a URL: errors are logged. */
function describe(received: unknown): string {
  return inspect(received, { depth: 0 }).replace(/\/\/.*@/, '//***@');
}

/**
 * An option is unknown or has a value it does not take. Thrown before anything is forked; the
 * process ends with a code other than zero.
 *
 * @publicApi
 */
export class ClusterConfigError extends ClusterError {
  readonly code = 'CLUSTER_CONFIG';

  /**
   * @param option the option as the user wrote it: `shutdown.timeout`, or `CLUSTER_WORKERS` from the environment
   * @param received what it got
   * @param expected what it takes, as the end of a sentence
   */
  constructor(
    readonly option: string,
    readonly received: unknown,
    readonly expected: string,
    message = `${option} takes ${expected}, but got ${describe(received)}.`,
  ) {
    super(message);
  }

  /** An option that does not exist, and those that do in its place. */
  static unknown(
    option: string,
    received: unknown,
    known: readonly string[],
    module = 'ClusterModule',
  ): ClusterConfigError {
    const expected = `one of ${known.join(', ')}`;
    return new ClusterConfigError(
      option,
      received,
      expected,
      `There is no option "${option}" of ${module}. In its place stands ${expected}.`,
    );
  }

  /** An option, or a module, needs a package that is not installed. */
  static missingPackage(
    option: string,
    name: string,
    cause: unknown,
    who = `The option "${option}"`,
  ): ClusterConfigError {
    const expected = `the package ${name}`;
    const error = new ClusterConfigError(
      option,
      undefined,
      expected,
      `${who} needs the package ${name}, which could not be loaded: npm install ${name}`,
    );
    error.cause = cause;
    return error;
  }

  /** Something is used in an application that does not import `ClusterModule`. */
  static missingModule(who: string): ClusterConfigError {
    const expected = 'ClusterModule.forRoot() among the imports of the application';
    return new ClusterConfigError(who, undefined, expected, `${who} needs ${expected}.`);
  }
}

import { printableMessage } from '../../system/text/printable.js';

/**
 * What every error of this package extends: catch this one to catch them all.
 *
 * Messages can be logged as they are: whatever keys, topics or texts from other processes they contain, control
 * characters in them are escaped.
 *
 * @publicApi
 */
export abstract class ClusterError extends Error {
  /** A stable code, `CLUSTER_…`, to branch on: texts may change, codes do not. */
  abstract readonly code: `CLUSTER_${string}`;

  /** @param format makes the message safe to log; by default as one line */
  constructor(
    message: string,
    options?: ErrorOptions,
    format: (message: string) => string = printableMessage,
  ) {
    super(format(message), options);
  }

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name;
  }
}

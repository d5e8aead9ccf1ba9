import { printableMessage } from '../../system/text/printable.js';

/**
 * The base class of all errors of this package.
 *
 * Messages are safe to log: control characters in keys, topics and texts from other processes are escaped.
 *
 * @publicApi
 */
export abstract class ClusterError extends Error {
  /** A stable code, `CLUSTER_…`. Use it in conditions: messages may change, codes do not. */
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

import { printableError } from '../system/text/printable.js';

/** Calls what the user wrote. @internal */
export type JobCall = (context: unknown, args: readonly unknown[]) => unknown;

/**
 * Returns a call of all `calls`, also of those that are added to them later. It has ended when all of them have, and fails
 * if one of them does.
 *
 * @internal
 */
export function callOfAll(calls: readonly JobCall[]): JobCall {
  return (context, args) =>
    calls.length === 1
      ? calls[0]!(context, args)
      : allEnded(calls.map(async call => call(context, args)));
}

async function allEnded(runs: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(runs);
  const errors: unknown[] = ends.flatMap(end => (end.status === 'rejected' ? [end.reason] : []));
  if (errors.length === 1) {
    throw errors[0];
  }
  if (errors.length > 1) {
    throw new AggregateError(errors, errors.map(printableError).join('; '));
  }
}

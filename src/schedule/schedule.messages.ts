import { printable, printableError } from '../system/text/printable.js';

/** The log lines of scheduled jobs. @internal */
export const scheduleMessages = {
  notRun: (name: string, error: unknown) =>
    `The job "${printable(name)}" did not run, because the shared state is not available: ${printableError(error)}`,
  notJoined: (error: unknown) =>
    `Runs of jobs that other workers have begun could not be looked up: ${printableError(error)}`,
  notRecorded: (name: string, error: unknown) =>
    `The run of the job "${printable(name)}" could not be recorded: ${printableError(error)}`,
  notHandedOver: (name: string, error: unknown) =>
    `The job "${printable(name)}" was due while this worker drained, and could not be handed to another worker: ${printableError(error)}`,
  givenUp: (name: string, attempts: number) =>
    `The job "${printable(name)}" is not run again: ${attempts} workers have ended while they ran it`,
  outOfTime: (name: string) => `The job "${printable(name)}" must end: this worker has to leave`,
};

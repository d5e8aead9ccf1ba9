import type { RequestFailure } from '../../build/cli/verify/load/request-failure.js';
import type { ChaosSettings } from './settings.js';

export interface ClientResult {
  readonly clients: number;
  readonly answered: number;
  /** The failures that no injected fault explains. */
  readonly failed: number;
}

export interface ChaosResult {
  readonly settings: ChaosSettings;
  /** The duration of the load in milliseconds. */
  readonly duration: number;
  readonly passed: boolean;
  /** The number of injections of each fault. */
  readonly injected: ReadonlyMap<string, number>;
  readonly clients: Readonly<Record<string, ClientResult>>;
  /** Failures that injected faults explain, by kind. */
  readonly explained: ReadonlyMap<string, number>;
  /** Steps of orders that were definitely not applied, by error code. */
  readonly refused: ReadonlyMap<string, number>;
  /** Steps of orders that may have been applied, by error code. */
  readonly ambiguous: ReadonlyMap<string, number>;
  /** The checks that were made, as sentences. */
  readonly facts: readonly string[];
  readonly failures: readonly (RequestFailure & { readonly client: string; readonly at: number })[];
  /** The violations, as sentences. */
  readonly violations: readonly string[];
  /** The reasons why the run could not be completed, as sentences. */
  readonly problems: readonly string[];
}

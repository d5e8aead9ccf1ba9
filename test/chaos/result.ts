import type { RequestFailure } from '../../build/cli/verify/load/request-failure.js';
import type { ChaosSettings } from './settings.js';

export interface ClientResult {
  readonly clients: number;
  readonly answered: number;
  /** What no injected fault explains. */
  readonly failed: number;
}

export interface ChaosResult {
  readonly settings: ChaosSettings;
  /** Milliseconds under load. */
  readonly duration: number;
  readonly passed: boolean;
  /** How often each fault was injected. */
  readonly injected: ReadonlyMap<string, number>;
  readonly clients: Readonly<Record<string, ClientResult>>;
  /** Failures that injected faults explain, by kind. */
  readonly explained: ReadonlyMap<string, number>;
  /** Steps of orders that were definitely not applied, by error code. */
  readonly refused: ReadonlyMap<string, number>;
  /** Steps of orders that may have been applied, by error code. */
  readonly ambiguous: ReadonlyMap<string, number>;
  /** In sentences, what was checked. */
  readonly facts: readonly string[];
  readonly failures: readonly (RequestFailure & { readonly client: string; readonly at: number })[];
  /** In sentences, what does not hold. */
  readonly violations: readonly string[];
  /** In sentences, why the run came to no proper end. */
  readonly problems: readonly string[];
}

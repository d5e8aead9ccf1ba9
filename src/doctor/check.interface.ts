import type { Finding } from './finding.interface.js';
import type { Inventory } from './inventory.js';

/** What the checks look at. @internal */
export interface Facts {
  /** Has the {@link Check.wants} of all checks. */
  readonly inventory: Inventory;
  /** The number of workers: at least 2. */
  readonly workers: number;
  /** The servers of Engine.IO behind the gateways. */
  readonly engines: readonly EngineFacts[];
  /** The adapter of the gateways. */
  readonly socketAdapter: unknown;
  /** Whether metrics are registered in the default registry of prom-client. */
  readonly hasDefaultMetrics: boolean;
}

/** The part of an Engine.IO server that is read. @internal */
export interface EngineFacts {
  readonly opts?: { readonly transports?: unknown };
}

/** Looks for one mistake. @internal */
export interface Check {
  /** The names of the classes, and the tokens, that it asks the inventory for. */
  readonly wants: readonly string[];
  /** Returns `undefined` if everything is right. */
  examine(facts: Facts): Finding | undefined;
}

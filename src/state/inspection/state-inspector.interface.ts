import type { PeekedValue, StateEntryKind, StateInspection } from './state-inspection.interface.js';

/** Shows people what a backend of the shared state stores. @internal */
export interface StateInspector {
  readonly backend: 'memory' | 'redis';
  /**
   * Resolves with the entries of the namespace, without their values. Looks at a bounded part of a large namespace.
   *
   * @throws Error if the backend does not answer
   */
  inspect(): Promise<StateInspection>;
  /**
   * Resolves with the value of an entry; with `null` if there is none, or the kind has no value.
   *
   * @throws Error if the backend does not answer
   */
  peek(kind: StateEntryKind, key: string): Promise<PeekedValue | null>;
}

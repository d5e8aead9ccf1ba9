/**
 * Injection token of the `SharedState` that this package uses itself: a test that overrides `SharedState` replaces what
 * the application injects.
 *
 * @internal
 */
export const OWN_STATE = Symbol('SharedState of ClusterModule');

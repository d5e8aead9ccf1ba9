/**
 * Injection token of the `ClusterBus` that this package uses itself: a test that overrides `ClusterBus` replaces what the
 * application injects.
 *
 * @internal
 */
export const OWN_BUS = Symbol('ClusterBus of ClusterModule');

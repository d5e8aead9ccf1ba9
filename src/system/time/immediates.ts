import timers from 'node:timers';

/**
 * Node's `setImmediate()` and `clearImmediate()`, also in a test of an application with fake timers: calls that wait
 * for a turn of the event loop would otherwise never be answered, and `app.close()` would never resolve.
 *
 * @internal
 */
export const { setImmediate, clearImmediate } = timers;

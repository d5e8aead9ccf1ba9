// @ts-check

/** What `vi.useFakeTimers()` replaces: everything except `process.nextTick`, which Node needs for sockets. */
export const FAKED = /** @type {const} */ ([
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'hrtime',
  'performance',
  'Date',
]);

/**
 * @param {(typeof FAKED)[number][]} names
 * @returns the others
 */
export function fakedExcept(...names) {
  return FAKED.filter(name => !names.includes(name));
}

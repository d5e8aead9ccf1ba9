import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const asyncHooks = require('node:async_hooks');
const { AsyncLocalStorage } = asyncHooks;

/** Where jest-circus keeps the event handlers of all its copies. */
const HANDLERS = Symbol.for('EVENT_HANDLERS');

/**
 * Evaluates jest-circus anew, because one copy of it runs one spec file. Returns the copy, and `end`, which disables
 * its storages: Node 20 updates each one that is in use for each promise.
 */
export function loadFramework(path) {
  const storages = [];
  class TrackedStorage extends AsyncLocalStorage {
    constructor(...options) {
      super(...options);
      storages.push(this);
    }
  }
  delete require.cache[path];
  delete globalThis[HANDLERS];
  setStorage(TrackedStorage);
  try {
    return { framework: require(path), end: () => storages.forEach(each => each.disable()) };
  } finally {
    setStorage(AsyncLocalStorage);
  }
}

function setStorage(value) {
  Object.defineProperty(asyncHooks, 'AsyncLocalStorage', {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

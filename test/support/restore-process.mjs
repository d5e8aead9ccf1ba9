/** Runs before each spec file. All spec files of a process share its timers and its environment variables. */
import { afterAll, vi } from 'vitest';

const CLEARED_BY = { setTimeout: clearTimeout, setInterval: clearInterval };

const env = { ...process.env };
const endTimers = Object.entries(CLEARED_BY).map(([name, clear]) => noteTimers(name, clear));

afterAll(async () => {
  vi.useRealTimers();
  vi.resetConfig();
  // Code that is loaded on demand, by a test that does not wait for it. If the process ended meanwhile, its import would
  // fail, and so would the import of the same modules in the next spec file.
  await vi.dynamicImportSettled();
  endTimers.forEach(end => end());
  for (const name of Object.keys(process.env)) {
    if (!(name in env)) delete process.env[name];
  }
  Object.assign(process.env, env);
});

/**
 * Replaces the timers of this process by ones that are noted. Returns a function that clears those that a spec file
 * leaves, and restores the timers. Under the fake timers of the next spec file, they would start fake timers of it.
 */
function noteTimers(name, clear) {
  const original = globalThis[name];
  const noted = new Set();
  const replacement = (...args) => {
    const timer = original(...args);
    noted.add(timer);
    return timer;
  };
  // `util.promisify()` needs them.
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  globalThis[name] = replacement;
  return () => {
    noted.forEach(timer => clear(timer));
    globalThis[name] = original;
  };
}

const CLEARED_BY = { setTimeout: clearTimeout, setInterval: clearInterval };

/**
 * Replaces the timers of this process by ones that are noted. Returns a function that clears those that a spec file
 * leaves, and restores the timers. Under the fake timers of the next spec file, they would become fake timers of it.
 */
export function noteTimers() {
  const ends = Object.entries(CLEARED_BY).map(([name, clear]) => {
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
  });
  return () => ends.forEach(end => end());
}

/** The public part of a worker of BullMQ that is used here. @internal */
export interface QueueWorker {
  /** Takes jobs until the worker is paused or closed. Its constructor calls it, unless `autorun` is `false`. */
  run(): Promise<void>;
  /** Takes no further jobs. Resolves when those in progress have ended; at once if the worker is already paused. */
  pause(): Promise<void>;
  on(event: 'resumed', listener: () => void): unknown;
  once(event: 'closed', listener: () => void): unknown;
}

/** The modules of `require()`, by their files. ES modules that import them have put them there, too. */
type CachedModules = Readonly<Record<string, { readonly exports?: unknown } | undefined>>;

const BULLMQ = /[\\/]node_modules[\\/]bullmq[\\/]dist[\\/]cjs[\\/]index\.js$/;

/**
 * Returns the classes of workers that an application can have created: the class that `BullModule` of `@nestjs/bullmq`
 * has in a private property, whatever the name of the module is in a bundle, and those of each BullMQ that is loaded.
 *
 * @param modules the classes of the modules of an application
 * @internal
 */
export function queueWorkerClasses(
  modules: Iterable<unknown>,
  cache: CachedModules,
): readonly object[] {
  const found = new Set<object>();
  const note = (owner: unknown, key: string): void => {
    const value = propertyOf(owner, key);
    if (isWorkerClass(value)) {
      found.add(value);
    }
  };
  for (const module of modules) {
    note(module, '_workerClass');
  }
  for (const file of Object.keys(cache).filter(name => BULLMQ.test(name))) {
    note(cache[file]?.exports, 'Worker');
  }
  return [...found];
}

/**
 * Returns the prototype that has the method `run()` of a class. A subclass may inherit it.
 *
 * @internal
 */
export function ownerOfRun(workerClass: object): QueueWorker | undefined {
  let prototype: unknown = propertyOf(workerClass, 'prototype');
  while (isObject(prototype) && !Object.hasOwn(prototype, 'run')) {
    prototype = Object.getPrototypeOf(prototype);
  }
  return isObject(prototype) ? (prototype as QueueWorker) : undefined;
}

function isWorkerClass(value: unknown): value is object {
  const prototype = propertyOf(value, 'prototype');
  return ['run', 'pause', 'once'].every(
    method => typeof propertyOf(prototype, method) === 'function',
  );
}

function propertyOf(owner: unknown, key: string): unknown {
  return isObject(owner) ? (owner as Readonly<Record<string, unknown>>)[key] : undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

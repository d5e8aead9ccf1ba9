import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ThrottlerStorage, ThrottlerStorageService } from '@nestjs/throttler';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { printable } from '../system/text/printable.js';
import { ClusterThrottlerStorage } from './cluster-throttler.storage.js';

const MODULE = 'ThrottlerModule';

/** The storages whose method was replaced. Another application of the process may use one of them again. */
const delegated = new WeakSet<ThrottlerStorage>();

/**
 * Has the default storage of `ThrottlerModule` count in the shared state. It is the provider of another module, which
 * cannot be replaced, so its method is.
 *
 * @internal
 */
@Injectable()
export class ThrottlerDelegation implements OnModuleInit {
  readonly #logger = new Logger('ClusterThrottlerModule');

  constructor(
    private readonly modules: ModuleRef,
    private readonly storage: ClusterThrottlerStorage,
  ) {}

  /** All providers exist now, whichever module was imported first. */
  onModuleInit(): void {
    const found = this.#findStorage();
    if (isDefaultStorage(found)) {
      delegated.add(found);
      found.increment = (...hit) => this.storage.increment(...hit);
    } else if (!(found instanceof ClusterThrottlerStorage)) {
      this.#logger.warn(
        `${MODULE} has a storage of its own (${printable(found.constructor.name)}), which is used. ClusterThrottlerModule has no effect: remove it, or the option \`storage\``,
      );
    }
  }

  #findStorage(): ThrottlerStorage {
    try {
      return this.modules.get<ThrottlerStorage>(ThrottlerStorage, { strict: false });
    } catch {
      const expected = `an application that imports ${MODULE} of @nestjs/throttler`;
      throw new ClusterConfigError(
        'ClusterThrottlerModule',
        'no ThrottlerModule',
        expected,
        `ClusterThrottlerModule needs ${expected}. Add ${MODULE}.forRoot([{ limit: 10, ttl: 60_000 }]) to the imports.`,
      );
    }
  }
}

/** Whether it counts as the storage of `ThrottlerModule` does. A subclass with its own `increment()` does not. */
function isDefaultStorage(storage: ThrottlerStorage): boolean {
  return (
    delegated.has(storage) ||
    (storage instanceof ThrottlerStorageService &&
      storage.increment === ThrottlerStorageService.prototype.increment)
  );
}

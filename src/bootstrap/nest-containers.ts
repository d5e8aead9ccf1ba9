import type { Type } from '@nestjs/common';
import { NestContainer } from '@nestjs/core';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { DeferredModule } from './deferred-module.js';

/** What one application imports of ours. */
class ClusterImports {
  #first: DeferredModule | undefined;
  #isBare = false;
  #isComplete = false;

  add(module: DeferredModule): void {
    module.expect();
    if (module === this.#first) {
      return;
    }
    if (this.#isComplete) {
      throw ClusterConfigError.lazilyLoaded();
    }
    if (this.#first === undefined) {
      this.#first = module;
    } else if (module.isSameAs(this.#first)) {
      module.standFor(this.#first);
    } else {
      throw ClusterConfigError.registeredTwice();
    }
  }

  /** The class itself, without `forRoot()`, which may stand elsewhere. */
  addBare(): void {
    this.#isBare = true;
    if (this.#isComplete) {
      this.complete();
    }
  }

  /** All modules of the application are known. */
  complete(): void {
    this.#isComplete = true;
    if (this.#isBare && this.#first === undefined) {
      throw ClusterConfigError.bareModule();
    }
  }
}

type AddModule = (this: NestContainer, metatype: unknown, ...rest: unknown[]) => Promise<unknown>;

/** The steps of Nest's scanner that are wrapped. */
interface ScannerSteps {
  addModule: AddModule;
  bindGlobalScope: (this: NestContainer) => void;
}

let observing = false;

/**
 * Sees what each application imports of ours, and refuses what could not work.
 *
 * Nest's scanner tells its container of each module by `addModule()` before it awaits or reads it, and calls
 * `bindGlobalScope()` when it has seen all; what comes after that is loaded lazily.
 *
 * @param cluster the class of the module
 * @internal
 */
export function observeContainers(cluster: Type): void {
  const steps = NestContainer.prototype as unknown as ScannerSteps;
  const { addModule, bindGlobalScope } = steps;
  if (observing || !addModule || !bindGlobalScope) {
    return;
  }
  observing = true;
  const known = new WeakMap<NestContainer, ClusterImports>();
  const importsOf = (container: NestContainer): ClusterImports => {
    const imports = known.get(container) ?? new ClusterImports();
    known.set(container, imports);
    return imports;
  };
  steps.addModule = async function (this, metatype, ...rest) {
    if (metatype instanceof DeferredModule) {
      importsOf(this).add(metatype);
    } else if (metatype === cluster) {
      importsOf(this).addBare();
    }
    return addModule.call(this, metatype, ...rest);
  };
  steps.bindGlobalScope = function (this) {
    bindGlobalScope.call(this);
    importsOf(this).complete();
  };
}

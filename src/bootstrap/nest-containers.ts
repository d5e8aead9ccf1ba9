import type { Type } from '@nestjs/common';
import { NestContainer } from '@nestjs/core';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { type FactoryCall, makerOf } from '../nest/factory-call.js';
import { DeferredModule } from './deferred-module.js';

/** The imports of `ClusterModule` in one application. */
class ClusterImports {
  #first: DeferredModule | undefined;
  #isBare = false;
  #isComplete = false;

  add(module: DeferredModule, creator: FactoryCall | undefined): void {
    module.expect(creator ?? 'no-factory');
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

  /** Adds an import of the class itself, without `forRoot()`; the call may be in another module. */
  addBare(): void {
    this.#isBare = true;
    if (this.#isComplete) {
      this.complete();
    }
  }

  /** Whether all modules of the application are known. Others are lazily loaded. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Notes that all modules of the application are known. */
  complete(): void {
    this.#isComplete = true;
    if (this.#isBare && this.#first === undefined) {
      throw ClusterConfigError.bareModule();
    }
  }
}

type AddModule = (this: NestContainer, metatype: unknown, ...rest: unknown[]) => Promise<unknown>;

/** The wrapped steps of Nest's scanner. */
interface ScannerSteps {
  addModule: AddModule;
  bindGlobalScope: (this: NestContainer) => void;
}

let observing = false;

type ModulesListener = (classes: readonly unknown[]) => void;

const listeners = new Set<ModulesListener>();

/**
 * Calls `listener` with the classes of the modules of each application, before their providers are created, and with
 * those of modules that are added later.
 *
 * @internal
 */
export function onModulesKnown(listener: ModulesListener): void {
  listeners.add(listener);
}

/**
 * Observes which applications import `ClusterModule`, and rejects imports that cannot work.
 *
 * Nest's scanner calls `addModule()` of its container for each module before it awaits or reads the module, and
 * calls `bindGlobalScope()` after the last one. Modules that are added later are lazily loaded.
 *
 * @param cluster the class `ClusterModule`
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
      importsOf(this).add(metatype, makerOf(this));
    } else if (metatype === cluster) {
      importsOf(this).addBare();
    }
    if (importsOf(this).isComplete) {
      tell([classOf(metatype)]);
    }
    return addModule.call(this, metatype, ...rest);
  };
  steps.bindGlobalScope = function (this) {
    bindGlobalScope.call(this);
    importsOf(this).complete();
    tell([...this.getModules().values()].map(({ metatype }) => metatype));
  };
}

function tell(classes: readonly unknown[]): void {
  listeners.forEach(listener => listener(classes));
}

/** Returns the class of a module, which may be a dynamic one. */
function classOf(module: unknown): unknown {
  return (module as { readonly module?: unknown } | undefined)?.module ?? module;
}

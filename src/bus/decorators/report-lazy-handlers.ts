import { Logger } from '@nestjs/common';
import { LazyModuleLoader, MetadataScanner, type ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';
import { busMessages } from '../bus.messages.js';
import { BusExplorer } from './bus.explorer.js';
import { decoratedMethodsOf } from './find-decorated-methods.js';
import { BUS } from '../lazy-bus.js';

type Load = LazyModuleLoader['load'];

const reported = new WeakSet<Module>();
let isReporting = false;

/**
 * Reports decorated methods in lazily loaded modules. They are never called, because the handlers are already
 * registered when such a module is loaded.
 *
 * Relies on `LazyModuleLoader.load()`, which loads every lazy module, and on its property `modulesContainer`. Nest
 * runs no lifecycle hooks of such modules and emits no event for them.
 *
 * @internal
 */
export function reportLazyHandlers(): void {
  if (isReporting) {
    return;
  }
  isReporting = true;
  const loader = LazyModuleLoader.prototype;
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this`
  const load: Load = loader.load;
  loader.load = async function (this: LazyModuleLoader, ...args: Parameters<Load>) {
    const modules = (this as unknown as { readonly modulesContainer?: ModulesContainer })
      .modulesContainer;
    const before = new Set(modules?.values());
    const loaded = await load.apply(this, args);
    if (modules) {
      report(modules, before);
    }
    return loaded;
  };
}

function report(modules: ModulesContainer, before: ReadonlySet<Module>): void {
  const all = [...modules.values()];
  const explorer = all
    .map(module => module.providers.get(BusExplorer)?.instance)
    .find(instance => instance instanceof BusExplorer);
  const usesBus = all.some(module => module.providers.has(BUS));
  // An explorer that has not run yet will find them.
  if (!usesBus || (explorer && !explorer.hasExplored)) {
    return;
  }
  const logger = new Logger('ClusterBus');
  const scanner = new MetadataScanner();
  for (const module of all.filter(each => !before.has(each) && !reported.has(each))) {
    reported.add(module);
    for (const wrapper of [...module.providers.values(), ...module.controllers.values()]) {
      if (!wrapper.isAlias) {
        decoratedMethodsOf(scanner, wrapper.instance).forEach(({ name, decorators }) =>
          logger.error(busMessages.lazyHandler(name, decorators, module.name)),
        );
      }
    }
  }
}

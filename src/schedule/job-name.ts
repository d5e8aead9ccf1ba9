import type { ModulesContainer } from '@nestjs/core';
import type { FoundJob } from './schedule-hook.js';

/**
 * Names a job that has no name: `Module.Class.method`, which is the same in all workers.
 *
 * @internal
 */
export function jobName(modules: ModulesContainer, { method }: FoundJob): string {
  if (!method) {
    return '';
  }
  const { owner, ref } = method;
  const names = [moduleOf(modules, owner), owner.constructor.name, methodName(owner, ref)];
  return names.filter(name => name !== undefined).join('.');
}

function moduleOf(modules: ModulesContainer, owner: object): string | undefined {
  for (const { name, providers, controllers } of modules.values()) {
    const wrappers = [...providers.values(), ...controllers.values()];
    if (wrappers.some(({ instance }) => instance === owner)) {
      return name;
    }
  }
  return undefined;
}

/** Other decorators may have replaced the function, and its name. */
function methodName(owner: object, ref: unknown): string | undefined {
  for (
    let prototype: object | null = owner;
    prototype && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (value === ref) {
        return name;
      }
    }
  }
  return undefined;
}

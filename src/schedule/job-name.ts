import type { ModulesContainer } from '@nestjs/core';
import type { FoundJob } from './schedule-hook.js';

/**
 * Names a job that has no name: `Module.Class.method`, which is the same in all workers. Further instances of a class in
 * the same module have a number: `Module.Class.method#2`.
 *
 * @internal
 */
export function jobName(
  modules: ModulesContainer,
  { owner, ref }: NonNullable<FoundJob['method']>,
  isTaken: (name: string) => boolean,
): string {
  const names = [moduleOf(modules, owner), owner.constructor.name, methodName(owner, ref)];
  const name = names.filter(part => part !== undefined).join('.');
  let free = name;
  for (let number = 2; isTaken(free); number++) {
    free = `${name}#${number}`;
  }
  return free;
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

/** Returns the name of a method. Other decorators may have replaced the function, and its own name. @internal */
export function methodName(owner: object, ref: unknown): string | undefined {
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

import Runtime from 'jest-runtime';
import { pathToFileURL } from 'node:url';
import { useGlobals } from './globals.mjs';
import { installHooks } from './install-hooks.mjs';
import { loadFramework } from './load-framework.mjs';
import { SourceMaps } from './source-maps.mjs';

/**
 * Imports spec files as Node does. All spec files of a process share their modules, and Jest itself is loaded once.
 * In Jest's own runtime, each spec file loads all of that again.
 */
export default class NativeRuntime extends Runtime {
  #config;
  #sourceMaps;
  #endFramework;

  constructor(config, environment, resolver, transformer, ...rest) {
    super(config, environment, resolver, transformer, ...rest);
    this.#config = config;
    this.#sourceMaps = new SourceMaps(transformer);
  }

  requireInternalModule(from, to) {
    if (to) return super.requireInternalModule(from, to);
    const { framework, end } = loadFramework(from);
    this.#endFramework = end;
    return framework;
  }

  async unstable_importModule(path) {
    await installHooks(this.#config);
    useGlobals(this.requireModuleOrMock(path, '@jest/globals'));
    return import(pathToFileURL(path).href);
  }

  getSourceMaps() {
    return this.#sourceMaps;
  }

  /** Jest replaces `process.getBuiltinModule` in its sandbox. */
  installGetBuiltinModule() {}

  teardown() {
    super.teardown();
    this.#endFramework?.();
  }
}

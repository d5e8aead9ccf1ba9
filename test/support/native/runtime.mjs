import Runtime from 'jest-runtime';
import { pathToFileURL } from 'node:url';
import { useGlobals } from './globals.mjs';
import { installHooks } from './install-hooks.mjs';
import { loadFramework } from './load-framework.mjs';
import { SourceMaps } from './source-maps.mjs';

/**
 * Imports spec files as Node does. All spec files of a process share their modules, and Jest itself is loaded once.
 * In Jest's own runtime, each spec file loads all of that again: those
 * do so that have the environment of Jest (`@jest-environment node`).
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
    if (to || !this.isNative) return super.requireInternalModule(from, to);
    const { framework, end } = loadFramework(from);
    this.#endFramework = end;
    return framework;
  }

  async unstable_importModule(path, name) {
    if (!this.isNative) return super.unstable_importModule(path, name);
    await installHooks(this.#config);
    useGlobals(this.requireModuleOrMock(path, '@jest/globals'));
    return import(pathToFileURL(path).href);
  }

  getSourceMaps() {
    return this.isNative ? this.#sourceMaps : super.getSourceMaps();
  }

  /** Jest replaces `process.getBuiltinModule` in its sandbox. */
  installGetBuiltinModule() {
    if (!this.isNative) super.installGetBuiltinModule();
  }

  teardown() {
    super.teardown();
    this.#endFramework?.();
  }

  get isNative() {
    // oxlint-disable-next-line no-underscore-dangle -- the constructor of Jest's runtime needs it, too
    return this._environment.global === globalThis;
  }
}

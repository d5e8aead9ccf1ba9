import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';
import { noteTimers } from './spec-timers.mjs';

/** Leaves `process.nextTick` alone: Node needs it for sockets, and for what a worker of Jest sends. */
class FakeTimers extends ModernFakeTimers {
  useFakeTimers(config = {}) {
    super.useFakeTimers({ ...config, doNotFake: [...(config.doNotFake ?? []), 'nextTick'] });
  }
}

/** The globals of the process itself, without a sandbox. */
export default class NativeEnvironment {
  global = globalThis;
  fakeTimers = null;
  #console = globalThis.console;
  // oxlint-disable-next-line typescript/unbound-method -- it is put back as it was
  #exit = process.exit;
  #env = { ...process.env };
  #endTimers = noteTimers();

  constructor({ projectConfig }) {
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimersModern = new FakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {}

  /** Restores what Jest and the spec file have replaced. */
  async teardown() {
    this.fakeTimersModern.dispose();
    this.#endTimers();
    globalThis.console = this.#console;
    process.exit = this.#exit;
    for (const name of Object.keys(process.env)) {
      if (!(name in this.#env)) delete process.env[name];
    }
    Object.assign(process.env, this.#env);
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }
}

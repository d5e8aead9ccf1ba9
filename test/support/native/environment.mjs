import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

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

  constructor({ projectConfig }) {
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimersModern = new FakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {}

  /** Restores what Jest replaces for each spec file. */
  async teardown() {
    this.fakeTimersModern.dispose();
    globalThis.console = this.#console;
    process.exit = this.#exit;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }
}

import { type INestApplicationContext, ShutdownSignal } from '@nestjs/common';
import { NestApplicationContext } from '@nestjs/core';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';

/** What one wants to know of an application's life that its providers' hooks cannot tell. @internal */
export interface ApplicationObserver {
  /** All `onApplicationBootstrap` hooks have run. */
  bootstrapped(app: INestApplicationContext): void;
  /** Awaited before the first `onModuleDestroy` hook runs. */
  closing(app: INestApplicationContext): Promise<void>;
  /** All shutdown hooks have run, and the servers are closed. Awaited. */
  closed(app: INestApplicationContext): Promise<void>;
  /** The signals of which the application's own shutdown hooks shall not hear. */
  signalsToWithhold(app: INestApplicationContext): readonly string[];
}

type App = INestApplicationContext;

/** The steps of Nest's life cycle that are wrapped: protected methods, which all kinds of application share. */
interface LifecycleSteps {
  callBootstrapHook: (this: App) => Promise<void>;
  callDestroyHook: (this: App) => Promise<void>;
  callShutdownHook: (this: App, signal?: string) => Promise<void>;
  enableShutdownHooks: (this: App, signals?: string[], options?: object) => App;
}

/**
 * Watches all Nest applications of this process.
 *
 * Nest has no way to inject an application into its own providers, and its hooks cannot tell when
 * those of *all* providers have run; but whoever is to close an application must have it. So three
 * steps of its life cycle are wrapped, and `enableShutdownHooks()`: the hooks run anyway.
 *
 * @throws ClusterConfigError if this version of Nest has no such steps
 * @internal
 */
export function observeApplications(observer: ApplicationObserver): void {
  const steps = NestApplicationContext.prototype as unknown as LifecycleSteps;
  const { callBootstrapHook, callDestroyHook, callShutdownHook, enableShutdownHooks } = steps;
  if (!callBootstrapHook || !callDestroyHook || !callShutdownHook) {
    throw new ClusterConfigError(
      '@nestjs/core',
      'a version with another life cycle',
      'version 11 or 12',
    );
  }
  steps.callBootstrapHook = async function (this) {
    await callBootstrapHook.call(this);
    observer.bootstrapped(this);
  };
  steps.callDestroyHook = async function (this) {
    await observer.closing(this);
    await callDestroyHook.call(this);
  };
  steps.callShutdownHook = async function (this, signal) {
    await callShutdownHook.call(this, signal);
    await observer.closed(this);
  };
  // A worker that closed on a Ctrl-C of its own accord would be faster than the primary's decision.
  steps.enableShutdownHooks = function (this, signals = [], options = {}) {
    const asked = signals.length > 0 ? signals : Object.values(ShutdownSignal);
    const withheld = observer.signalsToWithhold(this);
    const kept = asked.filter(signal => !withheld.includes(signal.toUpperCase().trim()));
    return kept.length > 0 ? enableShutdownHooks.call(this, kept, options) : this;
  };
}

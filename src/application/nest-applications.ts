import { type INestApplicationContext, ShutdownSignal } from '@nestjs/common';
import { NestApplicationContext } from '@nestjs/core';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { type DestroyStep, drainBeforeHooks } from './drain-before-hooks.js';
import { type SharedSteps, shareShutdown } from './share-shutdown.js';

/** Receives lifecycle events of applications for which providers have no hook. @internal */
export interface ApplicationObserver {
  /** All `onApplicationBootstrap` hooks have run. */
  bootstrapped(app: INestApplicationContext): void;
  /** Awaited before the first `onModuleDestroy` hook runs. */
  closing(app: INestApplicationContext): Promise<void>;
  /** All shutdown hooks have run, and the servers are closed. Awaited. */
  closed(app: INestApplicationContext): Promise<void>;
  /** Returns the signals that are not passed to the application's own shutdown hooks. */
  signalsToWithhold(app: INestApplicationContext): readonly string[];
}

type App = INestApplicationContext;

/** The wrapped steps of Nest's life cycle: protected methods that all kinds of applications share. */
interface LifecycleSteps extends DestroyStep, SharedSteps {
  callBootstrapHook: (this: App) => Promise<void>;
  callShutdownHook: (this: App, signal?: string) => Promise<void>;
  enableShutdownHooks: (this: App, signals?: string[], options?: object) => App;
}

/**
 * Observes all Nest applications of this process.
 *
 * An application cannot be injected into its own providers, and their hooks cannot tell when the hooks of *all*
 * providers have run. But closing an application requires a reference to it. So this function wraps steps of
 * the life cycle, and `enableShutdownHooks()`; the hooks still run.
 *
 * @param applications the class of all applications
 * @throws ClusterConfigError if this version of Nest has no such steps
 * @internal
 */
export function observeApplications(
  observer: ApplicationObserver,
  applications: { readonly prototype: object } = NestApplicationContext,
): void {
  const steps = applications.prototype as LifecycleSteps;
  const { callBootstrapHook, callShutdownHook, enableShutdownHooks } = steps;
  if (!callBootstrapHook || !('callDestroyHook' in steps) || !callShutdownHook) {
    throw new ClusterConfigError(
      '@nestjs/core',
      'a version with an unknown life cycle',
      'version 11 or 12',
    );
  }
  steps.callBootstrapHook = async function (this) {
    await callBootstrapHook.call(this);
    observer.bootstrapped(this);
  };
  drainBeforeHooks(steps, app => observer.closing(app));
  steps.callShutdownHook = async function (this, signal) {
    await callShutdownHook.call(this, signal);
    await observer.closed(this);
  };
  // Last, so that the drain and the observer belong to the shared steps.
  shareShutdown(steps);
  // Without this, Ctrl-C would make a worker close its application before the primary has sent a command.
  steps.enableShutdownHooks = function (this, signals = [], options = {}) {
    const asked = signals.length > 0 ? signals : Object.values(ShutdownSignal);
    const withheld = observer.signalsToWithhold(this);
    const kept = asked.filter(signal => !withheld.includes(signal.toUpperCase().trim()));
    return kept.length > 0 ? enableShutdownHooks.call(this, kept, options) : this;
  };
}

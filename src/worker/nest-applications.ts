import type { INestApplicationContext } from '@nestjs/common';
import { NestApplicationContext } from '@nestjs/core';

/** What one wants to know of an application's life that its providers' hooks cannot tell. @internal */
export interface ApplicationObserver {
  /** All `onApplicationBootstrap` hooks have run. */
  bootstrapped(app: INestApplicationContext): void;
  /** Awaited before the first `onModuleDestroy` hook runs. */
  closing(app: INestApplicationContext): Promise<void>;
  /** All shutdown hooks have run, and the servers are closed. */
  closed(app: INestApplicationContext): void;
}

type App = INestApplicationContext;

/** The steps of Nest's life cycle that are wrapped: protected methods, which all kinds of application share. */
interface LifecycleSteps {
  callBootstrapHook: (this: App) => Promise<void>;
  callDestroyHook: (this: App) => Promise<void>;
  callShutdownHook: (this: App, signal?: string) => Promise<void>;
}

/**
 * Watches all Nest applications of this process.
 *
 * Nest has no way to inject an application into its own providers, and its hooks cannot tell when
 * those of *all* providers have run; but whoever is to close an application must have it. So three
 * steps of its life cycle are wrapped.
 *
 * @throws Error if this version of Nest has no such steps
 * @internal
 */
export function observeApplications(observer: ApplicationObserver): void {
  const steps = NestApplicationContext.prototype as unknown as LifecycleSteps;
  const { callBootstrapHook, callDestroyHook, callShutdownHook } = steps;
  if (!callBootstrapHook || !callDestroyHook || !callShutdownHook) {
    throw new Error('nestjs-cluster does not know the life cycle of this version of @nestjs/core.');
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
    observer.closed(this);
  };
}

import type { INestApplicationContext } from '@nestjs/common';

type App = INestApplicationContext;
type Step = (this: App, ...args: never[]) => Promise<void>;

/** The steps of a shutdown. Subclasses override `dispose()`. */
interface ShutdownSteps {
  callDestroyHook: Step;
  callBeforeShutdownHook: Step;
  dispose: Step;
  callShutdownHook: Step;
}

/** @internal */
export interface SharedSteps {
  callDestroyHook: (this: App) => Promise<void>;
  callShutdownHook: (this: App, signal?: string) => Promise<void>;
  /** Nest 12 has one shutdown for `close()` and for its signal listeners. */
  readonly shutdown?: unknown;
}

/** The steps of a shutdown that have begun. */
type Shutdown = Map<keyof ShutdownSteps, Promise<void>>;

/**
 * Makes Nest 11 run one shutdown for all callers of `close()` and for its own signal listeners, as Nest 12 does.
 * Otherwise, the hooks of an application that closes would run a second time when the host stops, or when a signal
 * arrives.
 *
 * The signal listeners of Nest 11 do not call `close()`, but the same steps in the same order. So each step is shared
 * while a shutdown is under way: a second call of a step returns the promise of the first one.
 *
 * @param prototype the prototype of all applications
 * @internal
 */
export function shareShutdown(prototype: SharedSteps): void {
  if (prototype.shutdown) {
    return;
  }
  const underWay = new WeakMap<App, Shutdown>();
  /** The last step of the last shutdown, for callers who were between two steps when it ended. */
  const ended = new WeakMap<App, Promise<void>>();
  const sharesDispose = new WeakSet<App>();
  const share = (steps: ShutdownSteps, name: keyof ShutdownSteps): void => {
    const step = steps[name];
    steps[name] = function (this: App, ...args) {
      const begun = underWay.get(this);
      const known = begun ? begun.get(name) : name !== 'callDestroyHook' && ended.get(this);
      if (known) {
        return known;
      }
      const shutdown: Shutdown = begun ?? new Map<keyof ShutdownSteps, Promise<void>>();
      underWay.set(this, shutdown);
      const end = (): void => {
        if (underWay.get(this) === shutdown) {
          underWay.delete(this);
          ended.set(this, shared);
        }
      };
      const run = step.apply(this, args);
      // The application can be shut down again after its last step, or after one that has failed.
      const shared: Promise<void> =
        name === 'callShutdownHook'
          ? run.finally(end)
          : run.catch((error: unknown) => {
              end();
              throw error;
            });
      shutdown.set(name, shared);
      return shared;
    };
  };
  const steps = prototype as unknown as ShutdownSteps;
  share(steps, 'callDestroyHook');
  share(steps, 'callBeforeShutdownHook');
  share(steps, 'callShutdownHook');
  const { callDestroyHook } = steps;
  steps.callDestroyHook = function (this: App) {
    if (!sharesDispose.has(this)) {
      sharesDispose.add(this);
      share(this as unknown as ShutdownSteps, 'dispose');
    }
    return callDestroyHook.call(this);
  };
}

import { deferred } from '../system/async/deferred.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import { type FactoryCall, makerOf } from './factory-call.js';

/** The methods of an application that take part in its boot. Those that it lacks are skipped. */
const STEPS = ['init', 'startAllMicroservices', 'listen'] as const;

type Step = (this: object, ...args: unknown[]) => Promise<unknown>;

/** An application that a factory creates, or that it has created and that does not listen yet. */
interface Boot {
  readonly name: string;
  readonly isMicroservice: boolean;
  /** The prototype of the application, once it exists. */
  prototype: object | null;
  /** How many steps are under way, including the call of the factory. */
  steps: number;
  /** How many of them connect microservices. */
  connecting: number;
  /** {@link monotonicNow} at the end of the last step. */
  restsSince: number;
  /** Whether the last step has failed. */
  hasFailed: boolean;
}

/** For how long applications are waited for. @internal */
export interface Patience {
  /** {@link monotonicNow} from which on the milliseconds are counted. */
  readonly since: number;
  /** Milliseconds for an application that rests; counted from the end of its last step, if that is later. */
  readonly rest: number;
  /** Milliseconds for microservices, whose broker may be out of reach. */
  readonly microservice: number;
}

/** What a process waits for before it is ready. @internal */
export interface Pending {
  /** The applications with a step under way. */
  readonly busy: readonly string[];
  /** The applications of which the next step may begin soon. */
  readonly resting: readonly string[];
  /** {@link monotonicNow} until which they are waited for; 0 if there are none. */
  readonly until: number;
}

/**
 * The applications of this process that boot. An application counts from the call of the factory until it listens.
 *
 * An application that was created may never listen, for example if it is only used for its providers. So it is either busy,
 * with a step under way, or it rests, and is only waited for during a short time.
 *
 * Application contexts do not listen, so only their failure counts. Applications of `@nestjs/testing` have no factory, and
 * are ignored.
 *
 * @internal
 */
export class BootingApplications {
  readonly #boots = new Map<FactoryCall, Boot>();
  readonly #observed = new WeakSet<object>();
  #changed = deferred();
  /** Whether the last call of a factory has failed. */
  #lastCallFailed = false;

  /** Whether a boot has failed, and no other one goes on. */
  get hasFailed(): boolean {
    const boots = [...this.#boots.values()];
    return (
      (this.#lastCallFailed || boots.length > 0) &&
      boots.every(({ steps, hasFailed }) => steps === 0 && hasFailed)
    );
  }

  /** Resolves when a step begins or ends, or an application is no longer waited for. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Runs a factory, and follows the application that it creates. */
  async follow<App>(call: FactoryCall, create: () => Promise<App>): Promise<App> {
    this.#lastCallFailed = false;
    this.#tell();
    try {
      return await (call.method === 'createApplicationContext'
        ? create()
        : this.#followBoot(call, create));
    } catch (error) {
      this.#end(call, true);
      throw error;
    }
  }

  async #followBoot<App>(call: FactoryCall, create: () => Promise<App>): Promise<App> {
    const boot: Boot = {
      name: nameOf(call.root),
      isMicroservice: call.method === 'createMicroservice',
      prototype: null,
      steps: 0,
      connecting: 0,
      restsSince: 0,
      hasFailed: false,
    };
    this.#boots.set(call, boot);
    return this.#during(boot, async () => {
      const app = await create();
      this.#observe(boot, app);
      return app;
    });
  }

  /** Ends the boot of an application: it listens, or it was closed. */
  ended(app: object): void {
    const call = callOf(app);
    if (call && this.#boots.get(call)?.prototype === Object.getPrototypeOf(app)) {
      this.#end(call);
    }
  }

  /** Returns what is waited for. */
  pending({ since, rest, microservice }: Patience): Pending {
    const untilOf = ({ steps, connecting, restsSince, isMicroservice }: Boot): number => {
      const longest = isMicroservice || connecting > 0 ? since + microservice : Infinity;
      return steps > 0 ? longest : Math.min(longest, Math.max(restsSince, since) + rest);
    };
    const boots = [...this.#boots.values()].filter(boot => untilOf(boot) > monotonicNow());
    return {
      busy: boots.filter(({ steps }) => steps > 0).map(({ name }) => name),
      resting: boots.filter(({ steps }) => steps === 0).map(({ name }) => name),
      until: Math.max(0, ...boots.map(untilOf)),
    };
  }

  #end(call: FactoryCall, hasFailed = false): void {
    this.#boots.delete(call);
    this.#lastCallFailed = hasFailed;
    this.#tell();
  }

  #tell(): void {
    const changed = this.#changed;
    this.#changed = deferred();
    changed.resolve();
  }

  async #during<Value>(boot: Boot, step: () => Promise<Value>): Promise<Value> {
    boot.steps++;
    boot.hasFailed = false;
    this.#tell();
    try {
      return await step();
    } catch (error) {
      boot.hasFailed = true;
      throw error;
    } finally {
      boot.steps--;
      boot.restsSince = monotonicNow();
      this.#tell();
    }
  }

  /** Nest returns proxies that cannot be changed, but that have the prototype of the application. */
  #observe(boot: Boot, app: unknown): void {
    boot.prototype = Object(app) === app ? (Object.getPrototypeOf(app) as object | null) : null;
    if (boot.prototype && !this.#observed.has(boot.prototype)) {
      this.#observed.add(boot.prototype);
      this.#wrapSteps(boot.prototype as Record<string, Step | undefined>);
    }
  }

  #wrapSteps(prototype: Record<string, Step | undefined>): void {
    for (const name of STEPS) {
      const step = prototype[name];
      if (typeof step === 'function') {
        const follow = (app: object, run: () => Promise<unknown>): Promise<unknown> =>
          this.#step(app, run, name);
        prototype[name] = function (...args) {
          return follow(this, () => step.apply(this, args));
        };
      }
    }
  }

  #step(app: object, step: () => Promise<unknown>, name: (typeof STEPS)[number]): Promise<unknown> {
    const call = callOf(app);
    const boot = call && this.#boots.get(call);
    // Microservices of a hybrid application have the container of their application.
    if (!boot || boot.prototype !== Object.getPrototypeOf(app)) {
      return step();
    }
    const connecting = name === 'startAllMicroservices' ? 1 : 0;
    boot.connecting += connecting;
    return this.#during(boot, async () => {
      try {
        const value = await step();
        if (name === 'listen') {
          this.#end(call);
        }
        return value;
      } finally {
        boot.connecting -= connecting;
      }
    });
  }
}

/** All applications of this process that boot. @internal */
export const bootingApplications = new BootingApplications();

function callOf(app: object): FactoryCall | undefined {
  const { container } = app as { readonly container?: object };
  return container && makerOf(container);
}

/** Returns the name of a root module, which may be dynamic or a promise. */
function nameOf(root: unknown): string {
  const { module = root } = (root ?? {}) as { readonly module?: unknown };
  return (typeof module === 'function' && module.name) || 'an application';
}

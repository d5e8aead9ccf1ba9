import { Logger, type LogLevel } from '@nestjs/common';

const LEVELS = ['log', 'debug', 'verbose', 'warn', 'error', 'fatal'] as const satisfies LogLevel[];

/** A call of Nest's `Logger` that has not been printed yet. @internal */
export interface LogCall {
  readonly level: LogLevel;
  /** The context of the `Logger`; `undefined` for its static methods. */
  readonly context: string | undefined;
  /** Prints it with the logger that is in use at that time. */
  readonly print: () => void;
}

/** @returns whether the interceptor holds the call, so that it is not printed now @internal */
export type LogInterceptor = (call: LogCall) => boolean;

/** Intercepts the calls of Nest's `Logger` until the returned function is called. @internal */
export type InterceptLogs = (interceptor: LogInterceptor) => () => void;

type Log = (this: unknown, ...args: unknown[]) => void;

type Methods = Record<(typeof LEVELS)[number], Log>;

const interceptors = new Set<LogInterceptor>();

let restore: () => void = () => {};

/**
 * Passes each call of Nest's `Logger`, both of instances and static, to `interceptor` before it is printed. Nest itself
 * always logs through `Logger`, whichever logger the application uses.
 *
 * @returns a function that stops the interception
 * @internal
 */
export function interceptLogs(interceptor: LogInterceptor): () => void {
  if (interceptors.size === 0) {
    restore = wrapLogger();
  }
  interceptors.add(interceptor);
  return () => {
    if (interceptors.delete(interceptor) && interceptors.size === 0) {
      restore();
    }
  };
}

function wrapLogger(): () => void {
  const restores = [Logger.prototype, Logger].map(target => wrap(target as unknown as Methods));
  return () => restores.forEach(each => each());
}

function wrap(methods: Methods): () => void {
  const restores = LEVELS.map(level => {
    const original = methods[level];
    const wrapper: Log = function (this, ...args) {
      const print = (): void => original.apply(this, args);
      const context = this instanceof Logger ? contextOf(this) : undefined;
      const call = { level, context, print };
      if (![...interceptors].some(interceptor => interceptor(call))) {
        print();
      }
    };
    methods[level] = wrapper;
    return () => {
      // Another package may have wrapped the method since.
      if (methods[level] === wrapper) {
        methods[level] = original;
      }
    };
  });
  return () => restores.forEach(each => each());
}

function contextOf(logger: object): string | undefined {
  const { context } = logger as { readonly context?: unknown };
  return typeof context === 'string' ? context : undefined;
}

import { Logger, type LogLevel } from '@nestjs/common';

const LEVELS = ['log', 'debug', 'verbose', 'warn', 'error', 'fatal'] as const satisfies LogLevel[];

/** A call of Nest's `Logger`, of which nothing has been printed yet. @internal */
export interface LogCall {
  readonly level: LogLevel;
  /** The context of the `Logger`; `undefined` for its static methods. */
  readonly context: string | undefined;
  /** Prints it through the logger that is in use by then. */
  readonly print: () => void;
}

/** @returns whether the call is not printed now @internal */
export type LogInterceptor = (call: LogCall) => boolean;

/** Intercepts the calls of Nest's `Logger` until the returned function is called. @internal */
export type InterceptLogs = (interceptor: LogInterceptor) => () => void;

type Log = (this: unknown, ...args: unknown[]) => void;

type Methods = Record<(typeof LEVELS)[number], Log>;

const interceptors = new Set<LogInterceptor>();

let restore: () => void = () => {};

/**
 * Shows each call of Nest's `Logger`, of an instance or static, to `interceptor` before it is printed. Nest itself
 * logs only through `Logger`, whichever logger the application uses.
 *
 * @returns ends it
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
      // Somebody else may have wrapped it since.
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

import { ClusterError } from './cluster.error.js';
import { type ConfigProblem, wrongValue } from '../../validation/config-problem.js';
import { describeReceived } from '../../validation/describe-received.js';
import type { Problems } from '../../validation/problems.js';
import { userFrames } from '../../system/text/user-frames.js';
import { printableLines } from '../../system/text/printable.js';

/**
 * The configuration is invalid: an option is unknown or has an invalid value, or a package is missing. Thrown before
 * any worker is forked; the process ends with a nonzero exit code.
 *
 * Messages and properties contain no secrets: values of options that may be secret are described, not shown. The
 * stack contains only frames of the application.
 *
 * @publicApi
 */
export class ClusterConfigError extends ClusterError {
  readonly code = 'CLUSTER_CONFIG';
  // A private field, because loggers print own properties beside the message.
  #problems: readonly ConfigProblem[];

  /**
   * @param option the option as the user wrote it: `shutdown.timeout`, or `CLUSTER_WORKERS` from the environment
   * @param received its value
   * @param expected its valid values, as the end of a sentence
   */
  constructor(option: string, received: unknown, expected: string, message?: string) {
    const problem =
      message === undefined
        ? wrongValue(option, received, expected)
        : { option, received: describeReceived(received), expected, message };
    super(problem.message, undefined, printableLines);
    this.#problems = [problem];
    this.showFrames(userFrames(new.target));
  }

  /** Returns one error for all problems; there must be at least one. @internal */
  static of(problems: readonly ConfigProblem[]): ClusterConfigError {
    const [first] = problems as [ConfigProblem];
    const message =
      problems.length === 1
        ? first.message
        : `The configuration has ${problems.length} errors:\n${problems
            .map(problem => `  - ${problem.message}`)
            .join('\n')}`;
    const error = new ClusterConfigError(first.option, undefined, first.expected, message);
    error.#problems = problems;
    return error;
  }

  /** Throws the error for all problems, if there are any. @internal */
  static throwAny({ all }: Problems): void {
    if (all.length > 0) {
      throw ClusterConfigError.of(all);
    }
  }

  /** Returns the error for an option or a module that needs a package which is not installed. */
  static missingPackage(
    option: string,
    name: string,
    cause: unknown,
    who = `The option "${option}"`,
  ): ClusterConfigError {
    const expected = `the package ${name}`;
    const error = new ClusterConfigError(
      option,
      undefined,
      expected,
      `${who} needs the package ${name}, which could not be loaded: npm install ${name}`,
    );
    // The message says that it is missing; any other cause is a fault of the package itself.
    if (!isNotFound(cause)) {
      error.cause = cause;
    }
    return error;
  }

  /** Returns the error for a class that is used in an application without `ClusterModule`. */
  static missingModule(who: string): ClusterConfigError {
    const expected = 'ClusterModule.forRoot() among the imports of the application';
    return new ClusterConfigError(who, undefined, expected, `${who} needs ${expected}.`);
  }

  /** Returns the error for `imports: [ClusterModule]` without a call of `forRoot()` in the application. */
  static bareModule(): ClusterConfigError {
    const expected = 'ClusterModule.forRoot() or ClusterModule.forRootAsync() in the root module';
    return new ClusterConfigError(
      'ClusterModule',
      'imports: [ClusterModule]',
      expected,
      `The application imports ClusterModule without its options, which does nothing. Write imports: [ClusterModule.forRoot()] in the root module.`,
    );
  }

  /** Returns the error for two calls of `forRoot()` in one application, with different options. */
  static registeredTwice(): ClusterConfigError {
    return new ClusterConfigError(
      'ClusterModule',
      'two calls of forRoot() with different options',
      'one set of options',
      'The application calls ClusterModule.forRoot() or forRootAsync() twice, with different options. ' +
        'Call it once, in the root module: what it exports is injectable in every module.',
    );
  }

  /** Returns the error for an option that differs from the one with which the first worker was forked. */
  static lateScheduling(scheduling: string): ClusterConfigError {
    return new ClusterConfigError(
      'scheduling',
      scheduling,
      'the value with which the first worker was forked',
      `The option "scheduling" is '${scheduling}' in the code, but the first worker was forked before that was known. ` +
        `Set CLUSTER_SCHEDULING=${scheduling}, or start the application without nestjs-cluster/start.`,
    );
  }

  /** Returns the error for workers that open their own sockets, although systemd has opened them for the host. */
  static ownSockets(scheduling: string): ClusterConfigError {
    const expected = "'round-robin' or 'shared' with a socket unit of systemd";
    return new ClusterConfigError(
      'scheduling',
      scheduling,
      expected,
      `The option "scheduling" is '${scheduling}', with which workers cannot use the sockets that systemd has opened (LISTEN_FDS). ` +
        "Use 'round-robin' or 'shared', or start the service without its socket unit.",
    );
  }

  /** Returns the error for `forRoot()` in a module that is loaded when the application is already running. */
  static lazilyLoaded(): ClusterConfigError {
    return new ClusterConfigError(
      'ClusterModule',
      'an import in a lazily loaded module',
      'an import in the root module',
      'ClusterModule.forRoot() is imported by a lazily loaded module. It is then too late to start workers. ' +
        'Import it in the root module: what it exports is injectable in lazily loaded modules, too.',
    );
  }

  /** Returns the error for an application that uses another copy of a package than this package does. */
  static twoCopies(name: string, theirs: string, ours: string): ClusterConfigError {
    return new ClusterConfigError(
      name,
      theirs,
      `the copy that nestjs-cluster uses, ${ours}`,
      `There are two copies of ${name}: the application uses ${theirs}, and nestjs-cluster uses ${ours}. ` +
        `Both must use the same one. Find out why there are two with "npm ls ${name}", and remove one; ` +
        `with a bundler, leave the packages of @nestjs out of the bundle as well, or bundle nestjs-cluster with them.`,
    );
  }

  /** Returns the error for a process that has loaded two versions of this package. */
  static twoVersions(theirs: string, ours: string): ClusterConfigError {
    return new ClusterConfigError(
      'nestjs-cluster',
      ours,
      `the copy that was loaded first, ${theirs}`,
      `Two versions of nestjs-cluster are loaded in this process: ${theirs}, then ${ours}. ` +
        `Install one version only: "npm ls nestjs-cluster" shows which package depends on the other one.`,
    );
  }

  /** Returns the error for a bundle that contains only some of the entry points that the application uses. */
  static partlyBundled(
    entry: string,
    bundle: string,
    ours: string,
    cause: unknown,
  ): ClusterConfigError {
    const name = entry === 'index' ? 'nestjs-cluster' : `nestjs-cluster/${entry}`;
    const error = new ClusterConfigError(
      'nestjs-cluster',
      `${name} outside of the bundle, from ${ours}`,
      'all entry points in the bundle, or none',
      `Only a part of nestjs-cluster is bundled: ${bundle} contains another entry point, and ${name} is loaded from ${ours}. ` +
        `Bundle all entry points, or leave all out: external: ['nestjs-cluster', 'nestjs-cluster/*'].`,
    );
    error.cause = cause;
    return error;
  }

  /**
   * Returns the error for a function that runs before Nest, and cannot know which Redis server the application uses.
   *
   * @param isAsync whether the application calls `forRootAsync()`
   */
  static unknownRedis(who: string, isAsync: boolean): ClusterConfigError {
    const why = isAsync
      ? 'The options of ClusterModule.forRootAsync() are not known before Nest'
      : 'No module that calls ClusterModule.forRoot() has been imported yet';
    const expected = 'a Redis server, or null for none';
    return new ClusterConfigError(
      'redis',
      undefined,
      expected,
      `${who} does not know whether the application uses Redis. ${why}. Set CLUSTER_REDIS_URL, or pass ${who} the option redis: ${expected}.`,
    );
  }

  /** Returns the error for a dependency of `forRootAsync()` that its imports do not provide. */
  static unknownDependency(dependency: string): ClusterConfigError {
    return new ClusterConfigError(
      'ClusterModule.forRootAsync()',
      `inject: [${dependency}]`,
      `imports that provide ${dependency}`,
      `ClusterModule.forRootAsync() injects ${dependency}, which neither its imports nor a global module of the ` +
        `application provide. Add the module that exports it: forRootAsync({ imports: [...], inject: [${dependency}], ... }).`,
    );
  }

  /** The invalid option as the user wrote it; the first one if there are several. */
  get option(): string {
    return this.#problems[0]!.option;
  }

  /** A description of its value. */
  get received(): string {
    return this.#problems[0]!.received;
  }

  /** Its valid values, as the end of a sentence. */
  get expected(): string {
    return this.#problems[0]!.expected;
  }

  /** All problems of the configuration. */
  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  /** Replaces the frames of the stack. @internal */
  showFrames(frames: string): this {
    Object.defineProperty(this, 'stack', {
      value: `${this.name}: ${this.message}${frames}`,
      writable: true,
      configurable: true,
      enumerable: false,
    });
    return this;
  }
}

/**
 * Makes a configuration error show where the options were given, instead of where they were validated.
 *
 * @param frames from {@link userFrames}
 * @internal
 */
export function givenAt<Result>(frames: string, resolve: () => Result): Result {
  try {
    return resolve();
  } catch (error) {
    throw error instanceof ClusterConfigError ? error.showFrames(frames) : error;
  }
}

function isNotFound(cause: unknown): boolean {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
}

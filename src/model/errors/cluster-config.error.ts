import { ClusterError } from './cluster.error.js';
import { type ConfigProblem, unknownOption, wrongValue } from '../../validation/config-problem.js';
import { describeReceived } from '../../validation/describe-received.js';
import { userFrames } from '../../system/text/user-frames.js';
import { printableLines } from '../../system/text/printable.js';

/**
 * Something is wrong with the configuration: an option is unknown or has a value it does not take, or a package is
 * missing. Thrown before anything is forked; the process ends with a code other than zero.
 *
 * Its texts and properties contain no secrets: values of options that may have some are described, not shown. Its
 * stack has the frames of the application only.
 *
 * @publicApi
 */
export class ClusterConfigError extends ClusterError {
  readonly code = 'CLUSTER_CONFIG';
  // No own properties, which whoever prints an error would print beside its message.
  #problems: readonly ConfigProblem[];

  /**
   * @param option the option as the user wrote it: `shutdown.timeout`, or `CLUSTER_WORKERS` from the environment
   * @param received what it got
   * @param expected what it takes, as the end of a sentence
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

  /** Everything that is wrong, at once. Not for an empty list. @internal */
  static of(problems: readonly ConfigProblem[]): ClusterConfigError {
    const [first] = problems as [ConfigProblem];
    const message =
      problems.length === 1
        ? first.message
        : `${problems.length} things are wrong with the configuration:\n${problems
            .map(problem => `  - ${problem.message}`)
            .join('\n')}`;
    const error = new ClusterConfigError(first.option, undefined, first.expected, message);
    error.#problems = problems;
    return error;
  }

  /** An option that does not exist, and those that do in its place. */
  static unknown(
    option: string,
    received: unknown,
    known: readonly string[],
    module = 'ClusterModule',
  ): ClusterConfigError {
    return ClusterConfigError.of([unknownOption(option, received, known, [], module)]);
  }

  /** An option, or a module, needs a package that is not installed. */
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
    // That it is not there has been said; anything else is wrong with the package itself.
    if (!isNotFound(cause)) {
      error.cause = cause;
    }
    return error;
  }

  /** Something is used in an application that does not import `ClusterModule`. */
  static missingModule(who: string): ClusterConfigError {
    const expected = 'ClusterModule.forRoot() among the imports of the application';
    return new ClusterConfigError(who, undefined, expected, `${who} needs ${expected}.`);
  }

  /** `imports: [ClusterModule]`, and no `forRoot()` anywhere in the application. */
  static bareModule(): ClusterConfigError {
    const expected = 'ClusterModule.forRoot() or ClusterModule.forRootAsync() in the root module';
    return new ClusterConfigError(
      'ClusterModule',
      'imports: [ClusterModule]',
      expected,
      `The application imports ClusterModule without its options, which does nothing. Write imports: [ClusterModule.forRoot()] in the root module.`,
    );
  }

  /** Two calls of `forRoot()` in one application, with different options. */
  static registeredTwice(): ClusterConfigError {
    return new ClusterConfigError(
      'ClusterModule',
      'two calls of forRoot() with different options',
      'one set of options',
      'The application calls ClusterModule.forRoot() or forRootAsync() twice, with different options. ' +
        'Call it once, in the root module: what it exports is injectable in every module.',
    );
  }

  /** `forRoot()` in a module that is loaded when the application runs already. */
  static lazilyLoaded(): ClusterConfigError {
    return new ClusterConfigError(
      'ClusterModule',
      'an import in a lazily loaded module',
      'an import in the root module',
      'ClusterModule.forRoot() is imported by a lazily loaded module, when it is too late to start workers. ' +
        'Import it in the root module: what it exports is injectable in lazily loaded modules, too.',
    );
  }

  /** The application uses another copy of a package than this package does. */
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

  /** Options of `forRootAsync()` are made of something that its imports do not provide. */
  static unknownDependency(dependency: string): ClusterConfigError {
    return new ClusterConfigError(
      'ClusterModule.forRootAsync()',
      `inject: [${dependency}]`,
      `imports that provide ${dependency}`,
      `ClusterModule.forRootAsync() injects ${dependency}, which neither its imports nor a global module of the ` +
        `application provide. Add the module that exports it: forRootAsync({ imports: [...], inject: [${dependency}], ... }).`,
    );
  }

  /** The option as the user wrote it; of several that are wrong, the first one. */
  get option(): string {
    return this.#problems[0]!.option;
  }

  /** What that option got, described. */
  get received(): string {
    return this.#problems[0]!.received;
  }

  /** What that option takes, as the end of a sentence. */
  get expected(): string {
    return this.#problems[0]!.expected;
  }

  /** Everything that is wrong. */
  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  /** Has the stack show these frames. @internal */
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
 * Has a configuration error show where the options were given, and not where they were found to be wrong.
 *
 * @param frames of {@link userFrames}
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

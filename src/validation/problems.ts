import type { ConfigProblem } from './config-problem.js';

/** Collects all problems, so that they are reported together. @internal */
export class Problems {
  readonly #all: { readonly path: string; readonly problem: ConfigProblem }[] = [];

  /** @param path the full name of the option, wherever its value comes from */
  add(path: string, ...problems: readonly ConfigProblem[]): void {
    this.#all.push(...problems.map(problem => ({ path, problem })));
  }

  /** Whether any of these options is wrong. */
  has(...paths: readonly string[]): boolean {
    return this.#all.some(({ path }) => paths.includes(path));
  }

  /** All problems, in the order in which they were found. */
  get all(): readonly ConfigProblem[] {
    return this.#all.map(({ problem }) => problem);
  }
}

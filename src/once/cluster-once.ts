import type { OnceContext } from '../state/once-options.js';
import type { ClusterOnceOptions } from './cluster-once-options.interface.js';

/**
 * Runs a task in one process of all workers and hosts, once for each release, each start, or for ever. The others wait, and
 * get the result as JSON. Call it in `main.ts`, before Nest is created, for migrations and seeds:
 *
 * ```ts
 * await clusterOnce('migrations', () => runMigrations());
 * const app = await NestFactory.create(AppModule);
 * ```
 *
 * On one host without Redis, the primary runs the task before it starts workers. After a reload to a new release, the first
 * worker that needs it does. If the process dies, or its task fails, another one that waits runs the task. Each call runs it
 * at most once. Runs of one name never overlap, whatever `per` is.
 *
 * Import the module that calls `ClusterModule.forRoot()` before: the function uses its options.
 *
 * @returns the result of the task; `undefined` if another process has run it and its result is not JSON, or is longer than
 * `state.maxValueBytes`
 * @throws ClusterConfigError for invalid options, or if it is not known whether there is a Redis server
 * @throws StateInputError for an invalid argument
 * @throws LockTimeoutError if another process runs the task for longer than `timeout`
 * @throws StateUnavailableError, AmbiguousResultError if the backend is unavailable for longer
 * @throws StateFullError if the backend has no memory: the task did not run, or has run and does not count as done, as the
 * message says
 * @throws the error of the task, which then does not count as done
 * @publicApi
 */
export async function clusterOnce<T>(
  name: string,
  task: (context: OnceContext) => T | Promise<T>,
  options: ClusterOnceOptions = {},
): Promise<T | undefined> {
  // Loaded on demand: most applications do not use it.
  const { runBeforeNest } = await import('./run-before-nest.js');
  return runBeforeNest(name, task, options);
}

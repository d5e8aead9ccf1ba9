/** What decides whether the program of a process may be replaced. @internal */
export interface ExecFacts {
  /** The file that Node was started with. */
  readonly main: string | undefined;
  /** Whether the program has replaced another one already. */
  readonly isReplaced: boolean;
  /** The resources that keep the event loop running, as `process.getActiveResourcesInfo()` names them. */
  readonly resources: readonly string[];
  /** How many of them are the standard output and the standard error. */
  readonly outputs: number;
  /** Whether all output has been written. */
  readonly isWritten: boolean;
  /** Whether the application has replaced the methods that write output. */
  readonly isOutputPatched: boolean;
  /** The events of the process for which the application has listeners. */
  readonly listenedTo: readonly string[];
  /** Whether the application listens to the events of the host. */
  readonly hasSubscribers: boolean;
  /** Whether `node:cluster` has settings, listeners or workers. */
  readonly usesCluster: boolean;
  readonly hasOwnCompileCache: boolean;
  readonly hasChannel: boolean;
  readonly isInspected: boolean;
  /** The environment of the new program. */
  readonly env: NodeJS.ProcessEnv;
}

const OUTPUTS = new Set(['PipeWrap', 'TTYWrap']);

/** Bytes of one variable. Linux allows 128 KiB; a call that exceeds it ends the process. See execve(2). */
const MAX_VARIABLE = 2 ** 17 - 1;

/** Bytes of all variables. The limit of most systems is 1 MiB or more. */
const MAX_ENVIRONMENT = 2 ** 19;

/**
 * Returns why the program of this process may not be replaced: what is active in it would end, or would be closed.
 *
 * @internal
 */
export function execObstacles(facts: ExecFacts): string[] {
  const active = activeBesidesOutputs(facts);
  const listened = facts.listenedTo.join(', ');
  const obstacles: readonly (readonly [applies: boolean, obstacle: string])[] = [
    [facts.main === undefined || facts.main === '-', 'it was not started with a file'],
    [
      facts.isReplaced,
      'its program has replaced another one, and has loaded the application again',
    ],
    [active.length > 0, `it has active resources: ${active.join(', ')}`],
    [!facts.isWritten, 'its output is not written yet'],
    [facts.isOutputPatched, 'the application has replaced write() of its output'],
    [listened !== '', `the application listens to process events: ${listened}`],
    [facts.hasSubscribers, 'the application listens to the events of the host'],
    [facts.usesCluster, 'it has settings, listeners or workers of node:cluster'],
    [facts.hasOwnCompileCache, 'the application has its own compile cache'],
    [facts.hasChannel, 'its parent has an IPC channel to it'],
    [facts.isInspected, 'it is inspected'],
    [Boolean(facts.env['LISTEN_FDS']), 'it has received sockets (LISTEN_FDS)'],
    [!fits(facts.env), 'its environment is too large'],
  ];
  return obstacles.filter(([applies]) => applies).map(([, obstacle]) => obstacle);
}

/** The names, each once. */
function activeBesidesOutputs({ resources, outputs }: ExecFacts): string[] {
  const pipes = resources.filter(name => OUTPUTS.has(name)).slice(outputs);
  const others = resources.filter(name => !OUTPUTS.has(name));
  return [...new Set([...others, ...pipes])];
}

function fits(env: NodeJS.ProcessEnv): boolean {
  // Each variable is `name=value`, ended by a zero byte, with a pointer.
  const sizes = Object.entries(env).map(([name, value]) => Buffer.byteLength(`${name}=${value}`));
  const total = sizes.reduce((sum, size) => sum + size + 9, 0);
  return sizes.every(size => size < MAX_VARIABLE) && total <= MAX_ENVIRONMENT;
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const KEEPER = fileURLToPath(new URL('./servers-keeper.mjs', import.meta.url));

/** What runs the servers of this process; see `servers-keeper.mjs`. */
export interface Keeper {
  readonly process: ChildProcess;
  /** Where servers keep their files. It goes with the keeper. */
  readonly directory: string;
}

let keeper: Promise<Keeper> | undefined;

/** The keeper of this process, started now if there is none. */
export function theKeeper(): Promise<Keeper> {
  keeper ??= start();
  return keeper;
}

/** Ends the keeper if there is one, and with it all servers. */
export async function endKeeper(): Promise<void> {
  const ending = keeper;
  keeper = undefined;
  const child = (await ending)?.process;
  if (child?.connected) {
    const exited = once(child, 'exit');
    child.ref();
    child.disconnect();
    await exited;
  }
}

async function start(): Promise<Keeper> {
  // Not with the flags of Jest's process.
  const child = fork(KEEPER, { execArgv: [] });
  // Each server has listeners of its own.
  child.setMaxListeners(0);
  const directory = await new Promise<string>((resolve, reject) => {
    child.once('message', message => resolve(message as string));
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`The keeper of servers ended with code ${code}.`)));
  });
  // Whoever forgets to end it can still end; the keeper then ends too.
  child.unref();
  child.channel?.unref();
  return { process: child, directory };
}

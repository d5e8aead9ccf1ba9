import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const KEEPER = fileURLToPath(new URL('./servers-keeper.mjs', import.meta.url));

/** The process that runs the Redis servers of this process; see `servers-keeper.mjs`. */
export interface Keeper {
  readonly process: ChildProcess;
  /** The directory with the files of the servers. It is deleted when the keeper ends. */
  readonly directory: string;
}

let keeper: Promise<Keeper> | undefined;

/** Returns the keeper of this process. Starts it on the first call. */
export function theKeeper(): Promise<Keeper> {
  keeper ??= start();
  return keeper;
}

/** Ends the keeper and all its servers. */
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
  // Without the flags of this process.
  const child = fork(KEEPER, { execArgv: [] });
  // Each server adds its own listeners.
  child.setMaxListeners(0);
  const directory = await new Promise<string>((resolve, reject) => {
    child.once('message', message => resolve(message as string));
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`The server keeper ended with code ${code}.`)));
  });
  // Does not keep this process alive. The keeper ends with it.
  child.unref();
  child.channel?.unref();
  return { process: child, directory };
}

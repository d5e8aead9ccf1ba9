import { InspectorSession, NoInspectorError } from './inspector-session.js';

/** Milliseconds before the first look whether it is closed. The pause doubles with each further one. */
const FIRST_PAUSE = 10;
const MAX_PAUSE = 1_000;

/** The number of connections to the inspector of a process, kept in the process itself. */
const COUNT = "Symbol.for('nestjs-cluster.inspections')";

/** An expression that notes a connection in the process in which it is evaluated, and returns its process id. @internal */
export const CONNECT = `(() => {
  globalThis[${COUNT}] = (globalThis[${COUNT}] ?? 0) + 1;
  return process.pid;
})()`;

/**
 * An expression that closes the inspector of the process in which it is evaluated, and with it all connections.
 *
 * Node handles SIGUSR1 twice: it interrupts JavaScript, and wakes the event loop. In a process whose event loop is blocked, the
 * second one opens the inspector again when the loop continues, so that it is closed again then. Each turn of the loop handles
 * what woke it; a turn lies between two callbacks of `setImmediate()`. If somebody has connected meanwhile, it stays open.
 */
const CLOSE = `(() => {
  const { close, url } = process.getBuiltinModule('node:inspector');
  const { setImmediate } = process.getBuiltinModule('node:timers');
  const connections = globalThis[${COUNT}];
  let turns = 4;
  const closeAgain = () => {
    if (globalThis[${COUNT}] !== connections) {
      return;
    }
    if (url() !== undefined) {
      close();
    }
    if (--turns > 0) {
      setImmediate(closeAgain);
    }
  };
  setImmediate(closeAgain);
  close();
})()`;

/**
 * Closes an inspector, and resolves when it is closed: nobody listens at its address any more. Tries until the signal
 * aborts. Never rejects.
 *
 * @param session a connection to it, if there is one
 * @internal
 */
export async function closeInspector(
  url: URL,
  session: InspectorSession | undefined,
  signal: AbortSignal,
): Promise<void> {
  let open = session;
  for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(2 * pause, MAX_PAUSE)) {
    try {
      open ??= await InspectorSession.open(url, signal);
      // It is not answered: the connection closes. A worker that runs native code does it later.
      open.evaluate(CLOSE).catch(() => {});
      await open.closed;
      open = undefined;
    } catch (error) {
      if (isClosed(error)) {
        return;
      }
    }
    await new Promise(resolve => setTimeout(resolve, pause));
  }
}

/** Whether nobody listens at the address, or somebody else. */
function isClosed(error: unknown): boolean {
  return (
    error instanceof NoInspectorError || (error as NodeJS.ErrnoException).code === 'ECONNREFUSED'
  );
}

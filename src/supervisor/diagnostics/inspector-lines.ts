import { interfacesOfMachine } from '../../system/interfaces-of-machine.js';

/** What a line of the standard error of a process says about its inspector. @internal */
export type InspectorLine =
  /** It listens. */
  | { readonly type: 'listening'; readonly url: URL; readonly isLoopback: boolean }
  /** It could not listen. */
  | { readonly type: 'failed'; readonly line: string }
  /** The process has ended its work, and exits when no debugger is connected any more. */
  | { readonly type: 'exiting' }
  /** Something else, which is of no use. */
  | { readonly type: 'other' };

const LISTENING = /^Debugger listening on (ws:\/\/\S+)/;

const FAILED = /^Starting inspector on .* failed/;

const EXITING = /^Waiting for the debugger to disconnect\.\.\./;

/** Further messages of Node about the inspector. */
const OTHER = [
  /^For help, see: https:\/\/nodejs\.org\//,
  /^Debugger attached\.$/,
  /^Debugger ending on ws:/,
];

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;

/** The addresses that stand for all addresses of a machine, and how they are reached. */
const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' };

/**
 * Returns what Node says about the inspector in a line; `undefined` if it is a line of the application.
 *
 * A line of the application may look the same, and contain what others have written. So only addresses of this machine count.
 *
 * @internal
 */
export function inspectorLine(line: string): InspectorLine | undefined {
  const [, address] = LISTENING.exec(line) ?? [];
  if (address !== undefined) {
    return URL.canParse(address) ? listening(new URL(address)) : { type: 'other' };
  }
  if (FAILED.test(line)) {
    return { type: 'failed', line };
  }
  if (EXITING.test(line)) {
    return { type: 'exiting' };
  }
  return OTHER.some(each => each.test(line)) ? { type: 'other' } : undefined;
}

function listening(url: URL): InspectorLine {
  const { hostname } = url;
  if (LOOPBACK.test(hostname)) {
    return { type: 'listening', url, isLoopback: true };
  }
  const reached = ANY[hostname];
  if (reached !== undefined) {
    url.hostname = reached;
  } else if (!isOfThisMachine(hostname)) {
    return { type: 'other' };
  }
  return { type: 'listening', url, isLoopback: false };
}

function isOfThisMachine(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return Object.values(interfacesOfMachine()).some(found =>
    found?.some(each => each.address === address),
  );
}

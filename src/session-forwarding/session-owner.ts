/** The process that has a session: one worker of one run of a host. @internal */
export interface SessionOwner {
  /** Identifies the run of the host: {@link HOST_ID_LENGTH} hexadecimal digits. */
  readonly host: string;
  /** Node's id of the worker. Unlike its slot, no other worker of this run has it. */
  readonly worker: number;
}

/** @internal */
export const HOST_ID_LENGTH = 12;

/** `<host>.<worker>.<rest>`. The rest identifies the session within its owner. */
const OWNED = /^([0-9a-f]{12})\.([1-9][0-9]{0,8})\.[^]{1,256}$/;

/** Returns the id of a session that names its owner. @internal */
export function ownedSessionId({ host, worker }: SessionOwner, id: string): string {
  return `${host}.${worker}.${id}`;
}

/**
 * Returns the owner that a session id names; `undefined` if it names none. The id comes from a client, so an owner may
 * be made up.
 *
 * @internal
 */
export function ownerOf(sessionId: string): SessionOwner | undefined {
  const [, host, worker] = OWNED.exec(sessionId) ?? [];
  return host === undefined || worker === undefined ? undefined : { host, worker: Number(worker) };
}

/**
 * Returns the session id in the query of a URL as Engine.IO reads it: the last one, decoded.
 *
 * @internal
 */
export function sessionIdIn(url: string | undefined): string | undefined {
  const begin = url?.indexOf('?') ?? -1;
  if (!url || begin < 0 || !url.includes('sid', begin)) {
    return undefined;
  }
  const [query = ''] = url.slice(begin + 1).split('#');
  return new URLSearchParams(query).getAll('sid').at(-1);
}

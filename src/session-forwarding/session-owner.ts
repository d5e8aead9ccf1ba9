/** The process that has a session: one worker of one run of a host. @internal */
export interface SessionOwner {
  /** Identifies the run of the host; see {@link HOST_ID}. */
  readonly host: string;
  /** Node's id of the worker. Unlike its slot, no other worker of this run has it. */
  readonly worker: number;
}

/** Bytes of the id of a host. @internal */
export const HOST_ID_BYTES = 6;

/** The pattern of the id of a host: its bytes as hexadecimal digits. @internal */
export const HOST_ID = `[0-9a-f]{${2 * HOST_ID_BYTES}}`;

/** `<host>.<worker>.<rest>`. The rest identifies the session within its owner. */
const OWNED = new RegExp(`^(${HOST_ID})\\.([1-9][0-9]{0,8})\\.[^]{1,256}$`);

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

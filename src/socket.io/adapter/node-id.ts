import { randomUUID } from 'node:crypto';

/** The worker of an adapter. @internal */
export interface NodeWorker {
  readonly host: string;
  /** Node's id of the worker, which no other worker of this run of the host has. */
  readonly worker: number;
}

/** `<host>|<worker>|<link>|<adapter>`; the id of a link ends before the last part. */
const ADAPTER_ID = /^(.*)\|(\d+)\|[^|]*\|\d+$/s;

/** Returns a new id for the adapters of one server in a worker. @internal */
export function newLinkId({ host, worker }: NodeWorker): string {
  return `${host}|${worker}|${randomUUID()}`;
}

/** Returns the id of an adapter. @internal */
export function adapterId(link: string, number: number): string {
  return `${link}|${number}`;
}

/** Returns the id of the link of an adapter. @internal */
export function linkOf(adapter: string): string {
  return adapter.slice(0, adapter.lastIndexOf('|'));
}

/** Returns the worker of an adapter; `undefined` if the id is not one of ours. @internal */
export function workerOf(adapter: string): NodeWorker | undefined {
  const [, host, worker] = ADAPTER_ID.exec(adapter) ?? [];
  return host === undefined ? undefined : { host, worker: Number(worker) };
}

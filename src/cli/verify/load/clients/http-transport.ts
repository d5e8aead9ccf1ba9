import * as http from 'node:http';
import * as https from 'node:https';

/** Sends requests, with or without TLS. @internal */
export interface Transport {
  readonly request: (url: URL, options: http.RequestOptions) => http.ClientRequest;
  /** Returns an agent with at most one connection, so that one client has one connection. */
  agent(keepAlive: boolean): http.Agent;
}

/** @internal */
export function transportFor({ protocol }: URL): Transport {
  const secure = protocol === 'https:';
  const { request } = secure ? https : http;
  return {
    request,
    agent: keepAlive =>
      secure
        ? new https.Agent({ keepAlive, maxSockets: 1 })
        : new http.Agent({ keepAlive, maxSockets: 1 }),
  };
}

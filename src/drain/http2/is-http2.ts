import type { ServerResponse } from 'node:http';
import type { Http2Server, Http2ServerResponse } from 'node:http2';

/** Whether a server is one of `node:http2`. @internal */
export function isHttp2(server: object): server is Http2Server {
  return 'updateSettings' in server;
}

/** Whether a response belongs to a request of HTTP/1, which a server of `node:http2` may also take. @internal */
export function isHttp1(
  response: ServerResponse | Http2ServerResponse,
): response is ServerResponse {
  return response.req.httpVersionMajor === 1;
}

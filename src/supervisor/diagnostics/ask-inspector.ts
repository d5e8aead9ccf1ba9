import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { textFrame, takeFrame } from './web-socket-frame.js';

/** The end of the head of an HTTP response. */
const HEAD_END = '\r\n\r\n';

/** A reply of the Chrome DevTools Protocol. */
interface EvaluateReply<Value> {
  readonly result?: { readonly result?: { readonly value?: Value } };
}

/**
 * Evaluates an expression in an inspector, and resolves with its value, which must be representable in JSON.
 *
 * Sends one request over a WebSocket of its own: Node 20 has no WebSocket client, and forking a process that has one
 * takes longer than the worker will live.
 *
 * @internal
 */
export function askInspector<Value>(
  url: URL,
  expression: string,
  over: AbortSignal,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(url.port), signal: over });
    let received: Buffer = Buffer.alloc(0);
    let upgraded = false;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The inspector has closed the connection.')));
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk]);
      if (upgraded) {
        answer();
        return;
      }
      const end = received.indexOf(HEAD_END);
      if (end !== -1) {
        upgraded = true;
        received = received.subarray(end + HEAD_END.length);
        // Not together with the upgrade request: Node drops data that arrives with it.
        socket.write(textFrame(evaluation(expression)));
      }
    });
    socket.write(upgradeRequest(url));

    /** Takes the first frame as the reply; an inspector sends nothing else without being asked. */
    function answer(): void {
      const frame = takeFrame(received);
      if (!frame) {
        return;
      }
      try {
        const reply = JSON.parse(frame.text) as EvaluateReply<Value>;
        resolve(reply.result?.result?.value);
      } catch (error) {
        reject(error);
      }
    }
  });
}

function upgradeRequest({ pathname, host }: URL): string {
  const lines = [
    `GET ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
  ];
  return lines.join('\r\n') + HEAD_END;
}

function evaluation(expression: string): string {
  return JSON.stringify({
    id: 1,
    method: 'Runtime.evaluate',
    params: { expression, returnByValue: true, silent: true },
  });
}

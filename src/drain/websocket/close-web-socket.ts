import type { Socket } from 'node:net';

/**
 * "Service Restart": the client may reconnect at once.
 * https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
 *
 * @internal
 */
export const SERVICE_RESTART = 1012;

/** The first byte of a close frame: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
const CLOSE_OPCODE = 0x88;

/** The close frame of a server with the code {@link SERVICE_RESTART}. */
const CLOSE_FRAME = Buffer.from([CLOSE_OPCODE, 0x02, 0x03, 0xf4]);

/**
 * Begins the closing handshake of a WebSocket. Pending messages of the application are sent before the close frame.
 * No message may follow it, because that would violate the protocol.
 *
 * @param writtenBefore bytes that the socket had sent when its client requested the upgrade
 * @internal
 */
export function closeWebSocket(socket: Socket, writtenBefore: number): void {
  const closeAtOwner = forwarded.get(socket);
  const webSocket = webSocketOf(socket);
  if (closeAtOwner) {
    closeAtOwner();
  } else if (webSocket) {
    sendNothingAfterClose(webSocket);
    webSocket.close(SERVICE_RESTART);
  } else if (socket.bytesWritten === writtenBefore) {
    // The upgrade is not complete: the client expects a response, not a close frame.
    socket.destroy();
  } else if (socket.listenerCount('unpipe') > 0) {
    // Data is piped into the socket, for example by a proxy. A frame must not interrupt the chunks.
    socket.end();
  } else {
    sendCloseFrame(socket);
  }
}

const forwarded = new WeakMap<Socket, () => void>();

/**
 * Sets the function that closes the WebSocket of a socket that this process only forwards.
 *
 * @internal
 */
export function onCloseRequest(socket: Socket, close: () => void): void {
  forwarded.set(socket, close);
}

/** The part of the WebSocket of `ws` that is used here. */
interface WebSocket {
  close(code: number): void;
  readonly _sender?: { sendFrame(frame: readonly Buffer[], done?: () => void): void };
}

/**
 * Returns the WebSocket object of `ws`, which both adapters of Nest use. `ws` keeps it at the socket under a symbol
 * (`kWebSocket`, https://github.com/websockets/ws/blob/master/lib/constants.js). It knows which messages are still
 * being compressed or sent. Without it, frames are written to the socket directly.
 */
function webSocketOf(socket: Socket): WebSocket | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'websocket',
  );
  const found = symbol && (socket as unknown as Record<symbol, Partial<WebSocket>>)[symbol];
  return typeof found?.close === 'function' ? (found as WebSocket) : undefined;
}

/**
 * Drops messages after the close frame. `ws` does so itself, but broadcasts of Socket.IO bypass it: they pass
 * finished frames to `_sender`.
 */
function sendNothingAfterClose({ _sender: sender }: WebSocket): void {
  if (typeof sender?.sendFrame === 'function') {
    const sendFrame = sender.sendFrame.bind(sender);
    let closed = false;
    sender.sendFrame = (frame, done) => {
      if (closed) {
        done?.();
      } else {
        closed = frame[0]?.[0] === CLOSE_OPCODE;
        sendFrame(frame, done);
      }
    };
  }
}

function sendCloseFrame(socket: Socket): void {
  if (socket.writable) {
    socket.write(CLOSE_FRAME);
    socket.write = (...args: unknown[]): boolean => {
      const done = args.find(argument => typeof argument === 'function');
      if (done) {
        process.nextTick(done);
      }
      return true;
    };
    const end = socket.end.bind(socket);
    socket.end = () => end();
  }
}

import type { Socket } from 'node:net';

/**
 * "Service Restart": the client may come back at once.
 * https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
 */
const SERVICE_RESTART = 1012;

/** The first byte of a close frame: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
const CLOSE_OPCODE = 0x88;

/** A server's close frame with the code {@link SERVICE_RESTART}. */
const CLOSE_FRAME = Buffer.from([CLOSE_OPCODE, 0x02, 0x03, 0xf4]);

/**
 * Begins the closing handshake of a WebSocket. The last messages of the application go out before
 * the close frame, and none after it, where that would break the protocol.
 *
 * @param writtenBefore how many bytes the socket had sent when its client asked for the upgrade
 * @internal
 */
export function closeWebSocket(socket: Socket, writtenBefore: number): void {
  const webSocket = webSocketOf(socket);
  if (webSocket) {
    sendNothingAfterClose(webSocket);
    webSocket.close(SERVICE_RESTART);
  } else if (socket.bytesWritten === writtenBefore) {
    // Not one yet: a close frame would stand where its client expects a response.
    socket.destroy();
  } else if (socket.listenerCount('unpipe') > 0) {
    // Something is piped into it, as a proxy does: in chunks, between which no frame may stand.
    socket.end();
  } else {
    sendCloseFrame(socket);
  }
}

/** The part of `ws`' WebSocket that is used here. */
interface WebSocket {
  close(code: number): void;
  readonly _sender?: { sendFrame(frame: readonly Buffer[], done?: () => void): void };
}

/**
 * The object that `ws`, by which both of Nest's adapters speak, keeps at the socket under a symbol
 * (`kWebSocket`, https://github.com/websockets/ws/blob/master/lib/constants.js). It knows what is
 * still to be compressed or sent. Without it, frames go over the bare socket.
 */
function webSocketOf(socket: Socket): WebSocket | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'websocket',
  );
  const found = symbol && (socket as unknown as Record<symbol, Partial<WebSocket>>)[symbol];
  return typeof found?.close === 'function' ? (found as WebSocket) : undefined;
}

/**
 * `ws` itself sends nothing after the close frame. Socket.IO goes past it with what it broadcasts:
 * it hands finished frames to `_sender`.
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

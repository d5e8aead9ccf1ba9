import type { Socket } from 'node:net';

/** The parts of a session of Engine.IO and its transports that are used here. */
interface WrittenSession {
  readonly transport: WrittenTransport;
  on(event: 'upgrade', listener: (transport: WrittenTransport) => void): unknown;
}

/** A packet, with the WebSocket frame that Socket.IO prepares once for all receivers of a broadcast. */
interface WrittenPacket {
  readonly options?: { readonly wsPreEncodedFrame?: unknown };
}

interface WrittenTransport {
  readonly name: string;
  /** A WebSocket of the package ws, which has the connection in `_socket`. */
  readonly socket?: { readonly _socket?: Socket | null };
  send(packets: readonly WrittenPacket[]): void;
}

/** An Engine.IO server. @internal */
export interface WritingEngine {
  on(event: 'connection', listener: (session: WrittenSession) => void): unknown;
}

/** Connections whose writes are held until the end of this turn of the event loop. */
const held = new Set<Socket>();

/**
 * Lets WebSockets write the broadcasts of one turn of the event loop with one system call, and not with one for each: of
 * many broadcasts, the system calls are most of the work. Other packets are written at once, in order.
 *
 * @internal
 */
export function writeTogether(engine: WritingEngine): void {
  engine.on('connection', session => {
    patch(session.transport);
    session.on('upgrade', patch);
  });
}

function patch(transport: WrittenTransport): void {
  if (transport.name !== 'websocket') {
    return;
  }
  const send = transport.send.bind(transport);
  transport.send = packets => {
    const { _socket: connection } = transport.socket ?? {};
    if (connection && packets.some(isBroadcast)) {
      hold(connection);
    }
    send(packets);
  };
}

function isBroadcast({ options }: WrittenPacket): boolean {
  return options?.wsPreEncodedFrame !== undefined;
}

function hold(connection: Socket): void {
  if (held.size === 0) {
    setImmediate(release);
  }
  if (!held.has(connection)) {
    held.add(connection);
    connection.cork();
  }
}

function release(): void {
  const connections = [...held];
  held.clear();
  connections.forEach(connection => connection.uncork());
}

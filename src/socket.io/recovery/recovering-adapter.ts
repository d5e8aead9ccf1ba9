import { Adapter, type BroadcastOptions, type Session } from 'socket.io-adapter';
import {
  type AdapterNamespace,
  type AdapterOptions,
  ClusterSocketAdapter,
} from '../adapter/cluster-socket-adapter.js';
import { AmbiguousResultError } from '../../model/errors/ambiguous-result.error.js';
import type { IoLink } from '../adapter/io-link.js';
import type { PacketLog, PlacedPacket, Receivers, StoredPacket } from './packet-log.js';
import type { SessionStore } from './session-store.js';

/** An event: https://github.com/socketio/socket.io-protocol#packet-types */
const EVENT = 2;

/** The parts of a packet that are used here. */
interface Packet {
  readonly type: number;
  readonly id?: number | undefined;
  readonly data: readonly unknown[];
}

/** What a server needs to restore sessions. @internal */
export interface Recovery {
  readonly log: PacketLog;
  readonly sessions: SessionStore;
  /** Called when a packet could not be stored. Only the clients of this worker have got it. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * An adapter that restores the sessions of clients: they get what they have missed, in the order of the log, once.
 *
 * @internal
 */
export class RecoveringAdapter extends ClusterSocketAdapter {
  /** The connected sockets of this worker. */
  readonly #sockets: AdapterNamespace['sockets'];

  constructor(
    nsp: AdapterNamespace,
    link: IoLink,
    options: AdapterOptions,
    private readonly recovery: Recovery,
  ) {
    super(nsp, link, options);
    this.#sockets = nsp.sockets;
  }

  /** Stores an event. All workers, this one too, send it to their clients when it arrives from the log. */
  override broadcast(packet: Packet, options: BroadcastOptions): Promise<void> {
    if (options.flags?.local || !isStorable(packet, options)) {
      return super.broadcast(packet, options);
    }
    const { log, onFailure } = this.recovery;
    const to = {
      rooms: [...options.rooms],
      except: [...(options.except ?? [])],
      flags: options.flags,
    };
    const stored = log.append({ namespace: this.namespace, packet, to: to as Receivers });
    return stored.catch((error: unknown) => {
      onFailure(error);
      // If it was stored after all, it arrives from the log.
      if (!(error instanceof AmbiguousResultError)) {
        Adapter.prototype.broadcast.call(this, packet, options);
      }
    });
  }

  /** Sends a packet of the log to the clients of this worker. */
  deliver({ packet, to }: StoredPacket, offset: string): void {
    const options = { rooms: new Set(to.rooms), except: new Set(to.except), flags: to.flags ?? {} };
    const placed = { ...packet, data: [...packet.data, offset] };
    Adapter.prototype.broadcast.call(this, placed, options);
  }

  override persistSession(session: Omit<Session, 'missedPackets'>): void {
    this.recovery.sessions.save(this.namespace, session);
  }

  /**
   * Returns a session that has missed nothing for Socket.IO, which would send it before it confirms the connection: a
   * client whose connection ends between the two keeps what it has got, and gets it again.
   */
  override async restoreSession(privateId: string, offset: string): Promise<Session> {
    const session = await this.recovery.sessions.find(this.namespace, privateId);
    const missed = session && (await this.recovery.log.after(offset));
    if (!missed) {
      // The types have no value for an unknown session, although Socket.IO expects one.
      return null as unknown as Session;
    }
    const packetsFor = (packets: readonly PlacedPacket[]): unknown[][] =>
      packets.flatMap(({ offset: place, entry }) =>
        'packet' in entry && this.#isFor(session.rooms, entry)
          ? [[...entry.packet.data, place]]
          : [],
      );
    const sendMissed = (): void => this.#sendAfterConfirmation(session.sid, packetsFor(missed()));
    return {
      ...session,
      /** Read when the socket is created: from then on, nothing is delivered until it is connected. */
      get missedPackets() {
        sendMissed();
        return [];
      },
    };
  }

  /** Socket.IO confirms the connection of a restored socket in the microtasks that follow its creation. */
  #sendAfterConfirmation(socketId: string, packets: readonly unknown[][]): void {
    process.nextTick(() => {
      const socket = this.#sockets.get(socketId);
      packets.forEach(data => socket?.packet({ type: EVENT, data }));
    });
  }

  /** As the adapters of Socket.IO decide it. */
  #isFor(rooms: readonly string[], { namespace, to }: StoredPacket): boolean {
    const isIncluded = to.rooms.length === 0 || rooms.some(room => to.rooms.includes(room));
    return (
      namespace === this.namespace && isIncluded && !rooms.some(room => to.except.includes(room))
    );
  }
}

/** Acknowledgements cannot be restored in another worker, and volatile events are not to be repeated. */
function isStorable({ type, id }: Packet, { flags }: BroadcastOptions): boolean {
  return type === EVENT && id === undefined && flags?.volatile === undefined;
}

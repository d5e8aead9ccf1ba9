import net, { Server } from 'node:net';
import type { ListeningAddress } from '../../model/host-status.interface.js';
import { takeListen } from '../../system/before-listen.js';
import { messageOf } from '../../system/text/message-of.js';
import { systemdMessages } from '../systemd.messages.js';
import { InheritedSocket } from './inherited-socket.js';
import { wantedAddresses } from './listen-arguments.js';
import { type InheritedDescriptor, readListenVariables } from './listen-variables.js';
import { fitOf, matchingSockets } from './match-socket.js';

type Warn = (line: string) => void;

/** The functions of `node:net` by which `node:cluster` opens a socket in the primary. @internal */
export interface SocketOpeners {
  readonly prototype: Pick<Server, 'listen'>;
  /** Used by `node:cluster` with `SCHED_NONE`. */
  readonly module: {
    _createServerHandle?: (
      address: unknown,
      port: unknown,
      type: unknown,
      fd: unknown,
      flags: unknown,
    ) => unknown;
  };
}

// The types do not have the internal function.
const OPENERS: SocketOpeners = { prototype: Server.prototype, module: net as object };

/**
 * The sockets that systemd has opened for this process (socket activation).
 *
 * @internal
 */
export class InheritedSockets {
  #isReleased = false;
  /** The sockets that are used together with another one. */
  readonly #followers = new Map<InheritedSocket, readonly InheritedSocket[]>();
  readonly #warned = new Set<string>();

  /** Takes the sockets that the environment describes. Descriptors that cannot be used are reported. */
  static take(
    env: NodeJS.ProcessEnv,
    pid: number,
    warn: Warn,
    open: (descriptor: InheritedDescriptor) => InheritedSocket = descriptor =>
      new InheritedSocket(descriptor),
  ): InheritedSockets {
    const { descriptors, otherPid } = readListenVariables(env, pid);
    if (otherPid !== undefined) {
      warn(systemdMessages.foreignSockets(otherPid, pid));
    }
    const sockets = descriptors.flatMap(descriptor => {
      try {
        return [open(descriptor)];
      } catch (error) {
        warn(systemdMessages.unusableSocket(descriptor, messageOf(error)));
        return [];
      }
    });
    return new InheritedSockets(sockets, warn);
  }

  constructor(
    private readonly sockets: readonly InheritedSocket[],
    private readonly warn: Warn,
  ) {}

  get isEmpty(): boolean {
    return this.sockets.length === 0;
  }

  /** The paths of Unix sockets. Their files belong to systemd. */
  get paths(): readonly string[] {
    return this.sockets
      .map(({ address }) => address)
      .flatMap(({ address, port }) => (port === null && address?.startsWith('/') ? [address] : []));
  }

  /**
   * Returns the descriptor on which a worker listens that asks for an address: `undefined` if no socket fits, and `'closed'`
   * if the sockets are released. Sockets with the same port on other addresses are used as well if the worker listens on
   * all of them.
   */
  descriptorFor(wanted: ListeningAddress): number | 'closed' | undefined {
    const [first, ...others] = this.#matchesFor(wanted);
    if (!first) {
      return undefined;
    }
    this.#followers.set(first, others);
    return this.#isReleased ? 'closed' : first.fd;
  }

  /** Makes `node:cluster` use these sockets where it would open the descriptors. Call it before anything is forked. */
  install({ prototype, module }: SocketOpeners = OPENERS): void {
    if (this.isEmpty) {
      return;
    }
    const find = (fd: unknown): InheritedSocket | undefined =>
      this.sockets.find(socket => socket.fd === fd);
    const follow = (leader: InheritedSocket): void =>
      this.#followers.get(leader)?.forEach(follower => follower.follow(leader));

    takeListen((server, [first]) => {
      const socket = find((first as { fd?: unknown } | null | undefined)?.fd);
      if (socket) {
        socket.listen(server);
        follow(socket);
      }
      return socket !== undefined;
    }, prototype);

    // oxlint-disable no-underscore-dangle -- Node's own name
    const create = module._createServerHandle;
    module._createServerHandle = (...args) => find(args[3])?.lend() ?? create?.(...args);
    // oxlint-enable no-underscore-dangle
  }

  /** Makes the servers of this process listen on these sockets, where they would open their own. */
  installForServers(prototype: Pick<Server, 'listen'> = Server.prototype): void {
    if (this.isEmpty) {
      return;
    }
    const matchesFor = (args: readonly unknown[]): readonly InheritedSocket[] =>
      wantedAddresses(args)
        .flatMap(wanted => this.#matchesFor(wanted))
        .filter(({ isReleased }) => !isReleased);

    takeListen((server, args) => {
      const [first, ...others] = server.listening ? [] : matchesFor(args);
      if (!first) {
        return false;
      }
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        server.once('listening', callback as () => void);
      }
      first.serve(server, others);
      return true;
    }, prototype);
  }

  /** Closes the sockets in this process. What waits in their queues stays there for the next process. */
  release(): void {
    this.#isReleased = true;
    this.sockets.forEach(socket => socket.release());
  }

  /** Reports the sockets on which nobody has listened: their clients wait for ever. */
  warnOfUnused(): void {
    this.sockets
      .filter(({ isUsed }) => !isUsed)
      .forEach(socket => this.warn(systemdMessages.unusedSocket(socket)));
  }

  /** Returns the sockets that fit, the best first. */
  #matchesFor(wanted: ListeningAddress): readonly InheritedSocket[] {
    const matches = matchingSockets(this.sockets, wanted);
    if (matches.length === 0) {
      this.#warnOfNearMiss(wanted);
    }
    return matches;
  }

  #warnOfNearMiss(wanted: ListeningAddress): void {
    for (const socket of this.sockets.filter(({ address }) => fitOf(address, wanted) === 'near')) {
      const line = systemdMessages.otherAddress(socket, wanted);
      if (!this.#warned.has(line)) {
        this.#warned.add(line);
        this.warn(line);
      }
    }
  }
}

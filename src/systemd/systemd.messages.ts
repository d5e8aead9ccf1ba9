import type { ListeningAddress } from '../model/host-status.interface.js';
import { printable, printableMessage } from '../system/text/printable.js';

interface NamedSocket {
  readonly fd: number;
  readonly name: string;
  readonly address: ListeningAddress;
}

/** The log lines about systemd. @internal */
export const systemdMessages = {
  notNotified: (why: string) =>
    `The service manager could not be notified, although NOTIFY_SOCKET is set: ${printableMessage(why)}. ` +
    'Without notifications, a service of Type=notify never becomes active. Further failures are not logged',
  foreignSockets: (owner: string, pid: number) =>
    `The sockets from systemd (LISTEN_FDS) are not used: LISTEN_PID is ${owner === '' ? 'not set' : printable(owner)}, and this process is ${pid}. ` +
    'ExecStart= must start Node itself, without npm or a shell',
  unusableSocket: ({ fd, name }: Pick<NamedSocket, 'fd' | 'name'>, why: string) =>
    `The socket ${printable(name)} from systemd (descriptor ${fd}) cannot be used: ${printableMessage(why)}`,
  otherAddress: (socket: NamedSocket, wanted: ListeningAddress) =>
    `The application listens on ${shown(wanted)}, but the socket ${printable(socket.name)} from systemd is on ${shown(socket.address)}, and is not used. ` +
    'Use the same address in app.listen() and in ListenStream=',
  unusedSocket: (socket: NamedSocket) =>
    `No worker listens on the socket ${printable(socket.name)} from systemd, ${shown(socket.address)}: its clients wait in vain. ` +
    'Remove it from the socket unit, or listen on it',
};

function shown({ address, port }: ListeningAddress): string {
  if (port === null) {
    return address === null ? 'an unknown path' : printable(address);
  }
  if (address === null) {
    return `port ${port} of all interfaces`;
  }
  return address.includes(':')
    ? `[${printable(address)}]:${port}`
    : `${printable(address)}:${port}`;
}

import { networkInterfaces } from 'node:os';

let known: ReturnType<typeof networkInterfaces> = {};

/**
 * Returns the network interfaces of this machine; the last known ones if this process has no free file descriptor. Node opens
 * a socket to list them, and throws then.
 *
 * @internal
 */
export function interfacesOfMachine(list = networkInterfaces): typeof known {
  try {
    known = list();
  } catch {}
  return known;
}

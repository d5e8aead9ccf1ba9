import type { Check, EngineFacts } from '../check.interface.js';
import { doctorMessages } from '../doctor.messages.js';
import { classNames } from '../inventory.js';

/** Requests of a session with long polling reach workers that do not have it. @internal */
export const socketIoCheck: Check = {
  wants: [],
  examine: ({ engines, socketAdapter }) =>
    engines.some(allowsPolling) && !isOurs(socketAdapter) ? doctorMessages.socketIo() : undefined,
};

function allowsPolling({ opts }: EngineFacts): boolean {
  return Array.isArray(opts?.transports) && opts.transports.includes('polling');
}

function isOurs(adapter: unknown): boolean {
  return classNames(adapter).includes('ClusterIoAdapter');
}

import type { FeatureChannel } from '../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../ipc/protocol.js';
import { integer, matching, text } from '../validation/shape/scalars.js';
import { object } from '../validation/shape/structures.js';

/** Where the private sockets of a host are. @internal */
export interface PrivateSockets {
  /** An absolute path. Only the user of the host can open the directory. */
  readonly directory: string;
  /** Identifies this run of the host. */
  readonly host: string;
}

/** @internal */
export interface ForwardQuestions {
  /** Announces that a worker opens its private socket. */
  readonly privateSockets: {
    readonly params: { readonly worker: number };
    readonly answer: PrivateSockets;
  };
}

/** @internal */
export type ForwardProtocol = FeatureProtocol<never, never, ForwardQuestions>;

/** @internal */
export type ForwardChannel = FeatureChannel<never, ForwardQuestions>;

/** @internal */
export const forwardProtocol: ForwardProtocol = {
  toPrimary: {},
  toWorker: {},
  questions: {
    privateSockets: {
      params: object<{ readonly worker: number }>({ worker: integer({ min: 1 }) }),
      answer: object<PrivateSockets>({
        directory: text({ minLength: 1, maxLength: 4_096 }),
        host: matching(/^[0-9a-f]{12}$/, 'the id of a host'),
      }),
    },
  },
};

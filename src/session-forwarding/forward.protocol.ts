import type { FeatureProtocol } from '../ipc/protocol.js';
import { integer, matching, text } from '../validation/shape/scalars.js';
import { object } from '../validation/shape/structures.js';
import { HOST_ID } from './session-owner.js';

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
export const forwardProtocol: FeatureProtocol<never, never, ForwardQuestions> = {
  toPrimary: {},
  toWorker: {},
  questions: {
    privateSockets: {
      params: object<{ readonly worker: number }>({ worker: integer({ min: 1 }) }),
      answer: object<PrivateSockets>({
        directory: text({ minLength: 1, maxLength: 4_096 }),
        host: matching(new RegExp(`^${HOST_ID}$`), 'the id of a host'),
      }),
    },
  },
};

import type { Logger } from '@nestjs/common';
import type { FeatureChannel, HostChannel } from '../../ipc/host-channel.interface.js';
import { printableError } from '../../system/text/printable.js';
import {
  type DeadClient,
  stateProtocol,
  type StateQuestions,
  type StateToPrimary,
} from '../backends/ipc/state.protocol.js';
import type { StateClient } from '../client/state-client.js';
import { release } from './lock-operations.js';
import { perform } from './perform.js';
import { UnansweredCalls } from './unanswered-calls.js';

/** Milliseconds for which the backend knows the locks of a client that does not renew them. */
const KNOWN_FOR = 3_600_000;

/**
 * Releases the locks in Redis of other workers when the primary reports that they have died, and tells it so. If Redis is
 * unavailable at that time, releases them when it is available again.
 *
 * @returns the channel to the primary, which must know the clients that may hold locks
 * @internal
 */
export function watchDeadClients(
  client: StateClient,
  channel: HostChannel,
  logger: Pick<Logger, 'warn'>,
): FeatureChannel<StateToPrimary, StateQuestions> {
  const unanswered = new UnansweredCalls(client);
  client.onClose(async () => unanswered.close());
  const ofState = channel.open(stateProtocol, message => {
    if (message.type === 'clientDied') {
      const { dead } = message;
      let isReported = false;
      const call = async (): Promise<void> => {
        try {
          await releaseLocksOf(client, dead);
        } catch (error) {
          if (!isReported) {
            isReported = true;
            logger.warn(
              `The locks of a dead worker could not be released yet. This is tried again; they expire at the end of their leases at the latest: ${printableError(error)}`,
            );
          }
          throw error;
        }
        void ofState.post({ type: 'clientClosed', client: dead.client });
      };
      void unanswered.run({ group: dead.client, call, duration: KNOWN_FOR });
    }
  });
  return ofState;
}

async function releaseLocksOf(client: StateClient, dead: DeadClient): Promise<void> {
  await Promise.all(
    dead.keys.map(async key => {
      const held = await perform(client, 'a lock', { name: 'lockHeld', key, client: dead.client });
      await Promise.all(held.map(([lock, owner]) => release(client, { key: lock, owner })));
    }),
  );
}

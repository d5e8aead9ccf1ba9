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

/**
 * Releases the locks in Redis of other workers when the primary reports that they have died.
 *
 * @returns the channel to the primary, which must know the clients that may hold locks
 * @internal
 */
export function watchDeadClients(
  client: StateClient,
  channel: HostChannel,
  logger: Pick<Logger, 'warn'>,
): FeatureChannel<StateToPrimary, StateQuestions> {
  return channel.open(stateProtocol, message => {
    if (message.type === 'clientDied') {
      releaseLocksOf(client, message.dead).catch((error: unknown) =>
        logger.warn(
          `The locks of a dead worker could not be released; they expire at the end of their leases: ${printableError(error)}`,
        ),
      );
    }
  });
}

async function releaseLocksOf(client: StateClient, dead: DeadClient): Promise<void> {
  await Promise.all(
    dead.keys.map(async key => {
      const held = await perform(client, 'a lock', { name: 'lockHeld', key, client: dead.client });
      await Promise.all(held.map(([lock, owner]) => release(client, { key: lock, owner })));
    }),
  );
}

import { setTimeout as delay } from 'node:timers/promises';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { within } from '../../system/async/within.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { isInternal } from '../is-internal.js';
import type { StateClient } from '../client/state-client.js';
import type { KeyPage } from '../state-executor.interface.js';
import { stateMessages } from '../state.messages.js';
import { checkPrefix } from '../state.validation.js';
import { perform } from './perform.js';

/** Milliseconds between attempts to read a page. */
const RETRY = 50;

/** The number of keys that are deleted at the same time. */
const AT_ONCE = 500;

/**
 * Returns the keys that begin with a prefix, page by page, without those of this package.
 *
 * @internal
 */
export async function* keysOf(client: StateClient, prefix: string): AsyncGenerator<string> {
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: KeyPage = await nextPage(client, prefix, cursor);
    yield* new Set(page.keys.filter(key => !isInternal(key)));
    ({ cursor } = page);
  }
}

/**
 * Deletes the keys that begin with a prefix.
 *
 * @returns how many keys were deleted
 * @internal
 */
export async function clearKeys(client: StateClient, prefix: string): Promise<number> {
  checkPrefix(prefix, 'The prefix of the keys to delete', 1);
  let count = 0;
  let keys: string[] = [];
  const deleteAll = async (): Promise<void> => {
    const deleted = await Promise.all(
      keys.map(key => perform(client, 'a value', { name: 'delete', key })),
    );
    count += deleted.filter(Boolean).length;
    keys = [];
  };
  for await (const key of keysOf(client, prefix)) {
    if (keys.push(key) === AT_ONCE) {
      await deleteAll();
    }
  }
  await deleteAll();
  return count;
}

async function nextPage(client: StateClient, prefix: string, cursor: string): Promise<KeyPage> {
  const { executor, timeout } = client;
  const failed = (why: string, cause?: unknown): StateUnavailableError =>
    new StateUnavailableError('keys', prefix, why, { cause });
  const deadline = monotonicNow() + timeout;
  for (;;) {
    if (client.whyRefused !== undefined) {
      throw failed(client.whyRefused);
    }
    try {
      const left = Math.max(1, deadline - monotonicNow());
      return await within(left, executor.scan(prefix, cursor), () => {
        throw new Error(stateMessages.unanswered());
      });
    } catch (cause) {
      if (monotonicNow() + RETRY > deadline || client.whyRefused !== undefined) {
        throw failed(client.whyRefused ?? (cause as Error).message, cause);
      }
      await delay(RETRY);
    }
  }
}

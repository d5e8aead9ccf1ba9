import { describe, expect, it } from 'vitest';
import { BusWarnings } from '../../../../src/bus/bus-warnings.js';
import { DurableTopics } from '../../../../src/bus/publish/durable-topics.js';
import { AmbiguousResultError } from '../../../../src/model/errors/ambiguous-result.error.js';
import { StateFullError } from '../../../../src/model/errors/state-full.error.js';
import { StateUnavailableError } from '../../../../src/model/errors/state-unavailable.error.js';
import type { StateClient } from '../../../../src/state/client/state-client.js';

const LIST = '~bus:topics';

/** The topics of a backend that fails. */
function topicsWith(reason: Error): DurableTopics {
  const state = { run: () => Promise.reject(reason) };
  return new DurableTopics(state as unknown as StateClient, 1_000, new BusWarnings(() => {}));
}

describe.each([
  ['durableTopics', 'order.*', (topics: DurableTopics) => topics.describe('order.*')],
  ['deleteTopic', 'order', (topics: DurableTopics) => topics.delete('order')],
  ['publish', 'order', (topics: DurableTopics) => topics.append('order', '1', { length: 9 })],
] as const)('if the list of topics fails, %s()', (method, name, call) => {
  it.each([
    ['unavailable', new StateUnavailableError('map.set', LIST, 'it is away'), 'it is away'],
    [
      'unavailable',
      new AmbiguousResultError('map.set', LIST, 'id', 'no answer'),
      'the backend is unreachable',
    ],
  ])('is %s, and nothing was applied: %s', async (_, cause, why) => {
    const expected = new StateUnavailableError(method, name, why);
    await expect(call(topicsWith(cause))).rejects.toMatchObject({
      code: expected.code,
      message: expected.message,
      cause,
    });
  });

  it('says that the backend is full', async () => {
    const error = new StateFullError('map.set', LIST, 'no memory');
    const { message } = new StateFullError(method, name, 'no memory');
    await expect(call(topicsWith(error))).rejects.toThrow(message);
  });

  it('does not hide other errors', async () => {
    const error = new TypeError('a fault');
    await expect(call(topicsWith(error))).rejects.toBe(error);
  });
});

import { expect, it } from 'vitest';
import { PrimaryUnreachableError } from '../../../src/model/errors/primary-unreachable.error.js';
import { FleetAgent } from '../../../src/fleet/agent/fleet-agent.js';

type Handler = (payload: unknown) => Promise<unknown>;

/** Returns what an agent answers to an order, whose primary answers the question of the agent like this. */
async function answerTo(order: unknown, ask: () => Promise<unknown>): Promise<unknown> {
  const handlers: Handler[] = [];
  const agent = new FleetAgent({
    state: { map: () => ({}) },
    bus: {
      answer: async (_: string, handler: Handler) => {
        handlers.push(handler);
        return { unsubscribe: () => Promise.resolve() };
      },
    },
    host: { status: () => Promise.reject(new Error('the primary is suspended')) },
    channel: { ask, post: () => Promise.resolve() },
    options: { namespace: 'shop', release: '1' },
  } as never);
  agent.onDuty({ id: 'h1', name: 'web-1', pid: 1, version: '1.0.0', mode: 'cluster' });
  const answer = await handlers[0]!(order);
  await agent.rest();
  return answer;
}

it('passes an order to its primary', async () => {
  expect(await answerTo({ token: 5, rollout: 5 }, async () => 'accepted')).toBe('accepted');
});

it('answers an order that its primary does not answer', async () => {
  const answer = await answerTo({ token: 5 }, () =>
    Promise.reject(new PrimaryUnreachableError('fleetOrder', 'no answer')),
  );
  expect(answer).toBe('unanswered');
});

import { afterEach, expect, it, vi } from 'vitest';
import { FaultReport } from '../../../../src/bus/fault-report.js';
import type { StandardResult } from '../../../../src/bus/payload/standard-schema.interface.js';
import type { ArrivedEvent } from '../../../../src/bus/subscribe/arrived-event.interface.js';
import { EventHandler } from '../../../../src/bus/subscribe/event-handler.js';
import { fakedExcept } from '../../../support/faked-timers.mjs';

afterEach(() => void vi.useRealTimers());

const TIMEOUT = 20;
const NEVER = new Promise<never>(() => {});

const from = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 1 };
const event: ArrivedEvent = { topic: 't', from, payload: 1, size: 1 };

function handlerOf(
  handle: (payload: unknown) => unknown,
  validate: () => StandardResult<unknown> | Promise<StandardResult<unknown>>,
) {
  const faults: unknown[] = [];
  const report = new FaultReport({ warn: () => {}, error: () => {} }, fault => faults.push(fault));
  const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
  return {
    handler: new EventHandler({ name: 'a handler', handle, schema }, report, TIMEOUT),
    faults,
  };
}

const SCHEMA_TIMEOUT = `The schema of the topic did not settle within ${TIMEOUT} ms; the handler was not called.`;
const HANDLER_TIMEOUT = `The handler did not settle within ${TIMEOUT} ms.`;

it('fails if the schema does not settle in time, and does not call the handler afterwards', async () => {
  const handle = vi.fn<() => void>();
  let settle!: (result: StandardResult<unknown>) => void;
  const validated = new Promise<StandardResult<unknown>>(resolve => (settle = resolve));
  const { handler, faults } = handlerOf(handle, () => validated);
  expect(await handler.attempt(event)).toEqual({ error: new Error(SCHEMA_TIMEOUT) });
  await handler.handle(event);
  expect(faults).toMatchObject([{ type: 'handler-failed', error: { message: SCHEMA_TIMEOUT } }]);
  settle({ value: 1 });
  await new Promise(resolve => setImmediate(resolve));
  expect(handle).not.toHaveBeenCalled();
});

it('gives the handler only the time that the schema has left', async () => {
  vi.useFakeTimers({ toFake: fakedExcept('setImmediate', 'queueMicrotask') });
  const { handler } = handlerOf(
    () => NEVER,
    () => new Promise(resolve => setTimeout(resolve, TIMEOUT - 5, { value: 1 })),
  );
  const attempted = handler.attempt(event);
  await vi.advanceTimersByTimeAsync(TIMEOUT);
  expect(await attempted).toEqual({ error: new Error(HANDLER_TIMEOUT) });
});

it('validates each payload, and calls the handler with the output of the schema', async () => {
  const handle = vi.fn<() => void>();
  const { handler, faults } = handlerOf(handle, () => ({ value: 'output' }));
  await handler.handle(event);
  expect(handle).toHaveBeenCalledWith('output', expect.anything());
  expect(faults).toEqual([]);
});

it.each<[string, () => unknown]>([
  [
    'throws what has no text',
    () => {
      throw Object.create(null);
    },
  ],
  ['returns issues that are not a list', () => ({ issues: 1 })],
  ['returns a message that is not a text', () => ({ issues: [{ message: Symbol('s') }] })],
])('reports an invalid payload if the schema %s', async (_, validate) => {
  const { handler, faults } = handlerOf(() => {}, validate as () => StandardResult<unknown>);
  await handler.handle(event);
  expect(faults).toMatchObject([{ type: 'invalid-payload' }]);
});

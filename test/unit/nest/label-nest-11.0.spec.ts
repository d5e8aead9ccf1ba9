import { expect, it } from 'vitest';
import { labelConsoleLines } from '../../../src/nest/label-console-lines.js';

it('adds the fields to the JSON records of Nest 11.0, which has no step that makes them', () => {
  const steps = { stringifyReplacer: (_key: string, value: unknown) => value };
  labelConsoleLines(() => ({ text: undefined, fields: { slot: 1 } }), steps);
  const replacer = steps.stringifyReplacer;
  const record = { level: 'log', pid: 7, timestamp: 1, message: { text: 'hello', '': null } };
  expect(JSON.stringify(record, replacer)).toBe(
    '{"level":"log","pid":7,"slot":1,"timestamp":1,"message":{"text":"hello","":null}}',
  );
});

import { beforeEach, expect, it } from 'vitest';
import { OtherVersionError, readText } from '../../../src/bus/payload/read-message.js';
import { BusWarnings } from '../../../src/bus/bus-warnings.js';

let now: number;
let logged: string[];
let warnings: BusWarnings;

beforeEach(() => {
  now = 0;
  logged = [];
  warnings = new BusWarnings(
    message => logged.push(message),
    () => now,
  );
});

const take = (message: object): void => {
  try {
    readText(JSON.stringify(message), () => undefined);
  } catch (error) {
    warnings.unreadable('topic:t', error as Error);
  }
};

it('tells of a host of another version once a minute', () => {
  take({ v: 2, from: { host: 'there:1' } });
  take({ v: 2, from: { host: 'there:1' } });
  expect(logged).toEqual([expect.stringContaining('Host "there:1" runs')]);
  now += 60_000;
  take({ v: 2, from: { host: 'there:1' } });
  expect(logged).toHaveLength(2);
});

it('tells of few hosts and versions that somebody makes up', () => {
  for (let n = 2; n < 2_000; n++) {
    take({ v: n, from: { host: `host ${n}` } });
  }
  expect(logged).toHaveLength(10);
  now += 60_000;
  take({ v: 2, from: { host: 'there:1' } });
  expect(logged).toHaveLength(11);
});

it('keeps no more of the name of a host than one has', () => {
  const text = JSON.stringify({ v: 2, from: { host: 'h'.repeat(1_000_000) } });
  let error: unknown;
  try {
    readText(text, () => undefined);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(OtherVersionError);
  expect(error).toMatchObject({ host: 'h'.repeat(300) });
});

import { describe, expect, it } from 'vitest';
import { InputChecks } from '../../../src/validation/input-checks.js';
import { Problems } from '../../../src/validation/problems.js';
import { fieldsOf, type Naming, readFields } from '../../../src/validation/read-fields.js';
import {
  aFunction,
  bytes,
  milliseconds,
  name,
  oneOf,
  required,
  text,
  trueOrFalse,
  whole,
} from '../../../src/validation/rules.js';

const TABLE = {
  workers: required(whole(0, 9)),
  size: bytes('1mb', 2 ** 20),
  mode: oneOf('fast', 'slow'),
  shutdown: { timeout: milliseconds(1, 100), hook: aFunction },
  durable: fieldsOf({ maxLength: whole(1, 5) }, trueOrFalse),
  limits: fieldsOf({ low: whole(), high: whole() }),
};

const nothing = (): void => {};

const BARE: Naming = { whole: 'options' };

function read(given: unknown, naming = BARE) {
  const problems = new Problems();
  const values = readFields(TABLE, given, naming, problems);
  return { values, messages: problems.all.map(({ message }) => message) };
}

describe('readFields()', () => {
  it('returns the values as the program uses them, and what is left out as undefined', () => {
    const given = {
      workers: 2,
      size: '1kb',
      mode: 'slow',
      shutdown: { hook: nothing },
      durable: true,
    };
    expect(read(given)).toEqual({
      values: {
        ...given,
        size: 1024,
        shutdown: { timeout: undefined, hook: nothing },
        limits: undefined,
      },
      messages: [],
    });
  });

  it('reads the fields that an object inherits', () => {
    const given = Object.create({ workers: 3 }) as object;
    expect(read(given)).toMatchObject({ values: { workers: 3 }, messages: [] });
  });

  it.each<[unknown, ...string[]]>([
    [
      { workers: 10, mode: 'quick' },
      'workers must be a whole number from 0 to 9, but got 10.',
      "mode must be one of 'fast', 'slow', but got 'quick'.",
    ],
    [{}, 'workers must be a whole number from 0 to 9, but got undefined.'],
    [{ workers: 1, wrokers: 1 }, 'Unknown option `wrokers`. Did you mean `workers`?'],
    [
      { workers: 1, shutdown: { timeOut: 1, timeout: 0, hook: 's3cret' } },
      'Unknown option `shutdown.timeOut`. Did you mean `shutdown.timeout`?',
      'shutdown.timeout must be a whole number of milliseconds from 1 to 100, but got 0.',
      'shutdown.hook must be a function, but got a string.',
    ],
    [
      { workers: 1, shutdown: 5 },
      'shutdown must be an object with any of timeout, hook, but got 5.',
    ],
    [
      { workers: 1, size: '2mb' },
      "size must be a whole number of bytes from 1 to 1048576, or a string such as '1mb', but got '2mb'.",
    ],
    [
      { workers: 1, durable: 'yes' },
      "durable must be true or false, or an object with any of maxLength, but got 'yes'.",
    ],
    [
      { workers: 1, durable: { maxLength: 6, max: 1 } },
      'Unknown option `durable.max`. Valid: `durable.maxLength`.',
      'durable.maxLength must be a whole number from 1 to 5, but got 6.',
    ],
    [{ workers: 1, limits: [] }, 'limits must be an object with any of low, high, but got a list.'],
    [
      null,
      'options must be an object with any of workers, size, mode, shutdown, durable, limits, but got null.',
      'workers must be a whole number from 0 to 9, but got undefined.',
    ],
  ])('says everything that is wrong with %j', (given, ...expected) => {
    expect(read(given).messages).toEqual(expected);
  });

  it('suggests names of other tables, and names the owner of a field', () => {
    const naming = { ...BARE, owner: ' of the module', elsewhere: ['boot.delay'] };
    expect(read({ workers: 1, delya: 1, mode: 1 }, naming).messages).toEqual([
      'Unknown option `delya` of the module. Did you mean `boot.delay`?',
      "mode of the module must be one of 'fast', 'slow', but got 1.",
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('has no field %s', field => {
    const given = JSON.parse(`{ "workers": 1, "${field}": 1 }`) as unknown;
    expect(read(given).messages).toEqual([expect.stringContaining(`\`${field}\``)]);
  });
});

class SomeInputError extends Error {
  constructor(
    readonly subject: string,
    message: string,
  ) {
    super(message);
  }
}

describe('InputChecks', () => {
  const checks = new InputChecks(SomeInputError);
  const key = name(6);

  function errorOf(check: () => unknown): SomeInputError {
    try {
      check();
    } catch (error) {
      return error as SomeInputError;
    }
    throw new Error('Nothing was thrown.');
  }

  it('pass what is valid', () => {
    checks.name(key, 'A key', 'ab');
    checks.value(whole(), 'An increment of', 'k', 5);
    expect(checks.options({ ttl: whole(1) }, 'the counter', 'k', { ttl: 5 })).toEqual({ ttl: 5 });
    expect(checks.options({ ttl: whole(1) }, 'the counter', 'k', {})).toEqual({ ttl: undefined });
  });

  it('accept options while a library has extended the prototype of all objects', () => {
    const extended = Object.prototype as { extension?: () => void };
    extended.extension = () => {};
    try {
      expect(checks.options({ ttl: whole(1) }, 'the counter', 'k', { ttl: 5 })).toEqual({ ttl: 5 });
    } finally {
      delete extended.extension;
    }
  });

  it.each<[unknown, string]>([
    ['', "A key must be a string of at least one character, but got ''."],
    [5, 'A key must be a string of at least one character, but got 5.'],
    ['äöüß', 'A key must be a string of at most 6 bytes, but got "äöüß…" with 8 bytes.'],
    ['a\ud800', "A key must be well-formed Unicode, but got 'a"],
  ])('say that %j is no name', (value, message) => {
    const error = errorOf(() => checks.name(key, 'A key', value));
    expect(error.message.startsWith(message)).toBe(true);
    expect(error.subject).toBe(String(value));
  });

  it('name the subject of a value', () => {
    const error = errorOf(() => checks.value(whole(1, 3), 'The length of', 'k', '5'));
    expect(error).toMatchObject({
      subject: 'k',
      message: `The length of "k" must be a whole number from 1 to 3, but got '5'.`,
    });
  });

  it.each<[unknown, string]>([
    [{ tll: 1 }, 'Unknown option `tll` of the counter "k". Did you mean `ttl`?'],
    [{ ttl: 0 }, 'ttl of the counter "k" must be a whole number from 1 to 9, but got 0.'],
    [null, 'options of the counter "k" must be an object with any of ttl, but got null.'],
    [{ ttl: 0, tll: 1 }, 'Unknown option `tll` of the counter "k". Did you mean `ttl`?'],
  ])('throw the first problem of the options %j', (options, message) => {
    const table = { ttl: whole(1, 9) };
    expect(errorOf(() => checks.options(table, 'the counter', 'k', options))).toMatchObject({
      subject: 'k',
      message,
    });
  });

  it('accept any text, or some', () => {
    expect(text('a text').accept('')).toBe('');
    expect(text('an a', value => value === 'a').accept('b')).toBeUndefined();
  });
});

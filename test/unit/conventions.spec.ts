import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => ({ name, code: readFileSync(join(src, name), 'utf8') }));

describe('the source', () => {
  it('tells of everything it exports whether it is public', () => {
    const untold = files.flatMap(({ name, code }) =>
      [
        ...code.matchAll(
          /^export (?:abstract |async )?(?:class|interface|type|const|function) (\w+)/gm,
        ),
      ]
        // Of a function with several signatures, the first tells for all.
        .filter((match, place, all) => all.findIndex(other => other[1] === match[1]) === place)
        .filter(({ index }) => {
          const before = code
            .slice(0, index)
            .replace(/(@\w+\([^)]*\)\s*)+$/, '')
            .trimEnd();
          const doc = before.endsWith('*/') ? before.slice(before.lastIndexOf('/**')) : '';
          return !/@publicApi|@internal/.test(doc);
        })
        .map(([, exported]) => `${name}: ${exported}`),
    );
    expect(untold.filter(line => !line.startsWith('index.ts'))).toEqual([]);
  });

  it('accepts undefined where an option is optional, also with exactOptionalPropertyTypes', () => {
    const strict = files.flatMap(({ name, code }) =>
      [...code.matchAll(/@publicApi[^{]*\nexport interface \w+Options\b[^]*?^}/gm)].flatMap(
        ([block]) =>
          [...block.matchAll(/^ +(?:readonly )?(\w+)\?:([^;]*);/gm)]
            .filter(([, , type]) => !type!.endsWith('| undefined'))
            .map(([, option]) => `${name}: ${option}`),
      ),
    );
    expect(strict).toEqual([]);
  });

  it('ends a process in one place', () => {
    const ending = files.filter(({ code }) => /process\.exit\(/.test(code)).map(({ name }) => name);
    expect(ending).toEqual(['system/process/exit.ts']);
  });

  it('reads the clock that can be set for people only, and once for tokens that grow', () => {
    const reading = files
      .filter(({ code }) => /\bDate\.now\(|\bnew Date\(\)|\bDate\(\)/.test(code))
      .map(({ name }) => name);
    expect(reading.toSorted()).toEqual(['system/time/clock.ts', 'system/time/steady-time.ts']);
  });

  it('has no await at the top level, which would keep CommonJS applications from loading it', () => {
    expect(files.filter(({ code }) => /^(?:const .* = )?await /m.test(code))).toEqual([]);
  });
});

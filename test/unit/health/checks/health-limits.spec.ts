import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveLimits } from '../../../../src/health/checks/health-limits.js';
import type { HealthThresholds } from '../../../../src/health/checks/thresholds.interface.js';
import { ClusterConfigError } from '../../../../src/index.js';

/** The defaults, as one writes them, of the table in docs/health.md. */
function documented(): string[][] {
  const page = readFileSync(new URL('../../../../docs/health.md', import.meta.url), 'utf8');
  return page
    .split('\n')
    .map(line => line.split('|').map(cell => cell.replaceAll('`', '').trim()))
    .filter(([, name = '']) => Object.hasOwn(resolveLimits({}), name))
    .map(([, name = '', , degraded = '', down = '']) => [name, degraded, down]);
}

/** As one writes it. */
function written(part: number | { readonly share: number } | undefined): string {
  return typeof part === 'object' ? `'${part.share * 100}%'` : String(part ?? '');
}

describe('thresholds', () => {
  it('are the documented ones', () => {
    expect(documented()).toEqual(
      Object.entries(resolveLimits({})).map(([name, { degraded, down }]) => [
        name,
        name === 'ready' ? `below ${written(degraded)}` : written(degraded),
        name === 'ready' ? `below ${written(down)}` : written(down),
      ]),
    );
  });

  it('are as documented where none are given', () => {
    expect(resolveLimits({})).toEqual({
      ready: { degraded: { share: 1 }, down: 1 },
      restarts: { degraded: 3, down: undefined },
      eventLoopDelay: { degraded: 500, down: undefined },
      eventLoopUtilization: { degraded: 0.98, down: undefined },
      memory: { degraded: { share: 0.9 }, down: undefined },
      missedEvents: { degraded: 1, down: undefined },
      busQueue: { degraded: 0.8, down: undefined },
      stateRoundTrip: { degraded: 100, down: undefined },
    });
  });

  it.each<[string, HealthThresholds, object]>([
    ['a bare value: degraded', { restarts: 7 }, { restarts: { degraded: 7 } }],
    ['both', { restarts: { degraded: 7, down: 9 } }, { restarts: { degraded: 7, down: 9 } }],
    [
      'one of them: the other one is never',
      { ready: { down: '50%' } },
      { ready: { down: { share: 0.5 } } },
    ],
    [
      'bare, where something is down by default',
      { ready: '50%' },
      { ready: { degraded: { share: 0.5 }, down: 1 } },
    ],
    ['none of them: never', { eventLoopDelay: {} }, { eventLoopDelay: {} }],
    [
      'sizes',
      { memory: { degraded: '1kb', down: 5_000 } },
      { memory: { degraded: 1_024, down: 5_000 } },
    ],
    ['undefined: the default', { busQueue: undefined }, { busQueue: { degraded: 0.8 } }],
  ])('may be %s', (_, thresholds, expected) => {
    const limits = resolveLimits(thresholds);
    for (const [name, limit] of Object.entries(expected)) {
      expect(limits[name as keyof typeof limits]).toEqual({
        degraded: undefined,
        down: undefined,
        ...limit,
      });
    }
  });

  it('of one check leave the others as they are', () => {
    const mine = resolveLimits({ restarts: 7, missedEvents: 5 });
    const other = resolveLimits({ restarts: 1 }, mine);
    expect(other).toEqual({ ...mine, restarts: { degraded: 1, down: undefined } });
  });

  it.each<[unknown, string]>([
    [{ restarts: 'many' }, 'thresholds.restarts must be a number, more than 0'],
    [{ restarts: { degraded: 1, dwon: 2 } }, 'thresholds.restarts must be a number'],
    [{ eventLoopUtilization: 2 }, 'must be a number above 0, up to 1'],
    [{ ready: '150%' }, "must be a whole number of workers, or a share such as '50%'"],
    [{ ready: 0.5 }, 'must be a whole number of workers'],
    [{ ready: { degraded: 1, down: 2 } }, 'where down is the worse one'],
    [{ eventLoopDelay: { degraded: 5_000, down: 200 } }, 'where down is the worse one'],
    [{ restarts: Infinity }, 'must be a number, more than 0'],
    [{ memory: 0 }, "must be a number of bytes, a string such as '512mb'"],
    [{ memroy: '1gb' }, 'Unknown option `thresholds.memroy`. Did you mean `thresholds.memory`?'],
    [{ memroy: '1gb', restarts: 'many' }, 'The configuration has 2 errors'],
    [null, 'thresholds must be an object with any of ready'],
  ])('cannot be %j', (thresholds, message) => {
    const resolve = (): unknown => resolveLimits(thresholds as HealthThresholds);
    expect(resolve).toThrow(ClusterConfigError);
    expect(resolve).toThrow(message);
  });
});

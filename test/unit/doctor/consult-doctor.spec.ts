import { describe, expect, it, vi } from 'vitest';
import type { INestApplicationContext } from '@nestjs/common';
import { consultDoctor } from '../../../src/application/consult-doctor.js';
import type { ClusterModuleOptions } from '../../../src/index.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import type { Runtime } from '../../../src/runtime/runtime.js';

/** Whether the doctor waits until this process is ready. */
function isConsulted(
  options: ClusterModuleOptions,
  { mode = 'worker', slot = 0 }: { readonly mode?: Runtime['mode']; readonly slot?: number } = {},
): boolean {
  const whenReady = vi.fn();
  const runtime = { mode, host: {}, worker: { slot }, lifecycle: { whenReady } };
  consultDoctor(
    {} as INestApplicationContext,
    runtime as unknown as Runtime,
    resolveOptions(options, {}),
  );
  return whenReady.mock.calls.length > 0;
}

const redis = 'redis://localhost';

describe('the doctor', () => {
  it('examines the application of a worker, if there are several', () => {
    expect(isConsulted({ workers: 2 })).toBe(true);
    expect(isConsulted({ workers: 1 })).toBe(false);
    expect(isConsulted({ workers: 2 }, { mode: 'single' })).toBe(false);
    expect(isConsulted({ workers: 0 }, { mode: 'single' })).toBe(false);
  });

  it('examines it after scale(), too', () => {
    expect(isConsulted({ workers: 1 }, { slot: 1 })).toBe(true);
  });

  it('watches a Redis server in every process', () => {
    expect(isConsulted({ workers: 1, redis })).toBe(true);
    expect(isConsulted({ workers: 1, redis }, { mode: 'single' })).toBe(true);
    expect(isConsulted({ workers: 1, redis, doctor: { ignore: ['redis-eviction'] } })).toBe(false);
  });

  it('does nothing if it is off', () => {
    expect(isConsulted({ workers: 2, redis, doctor: false })).toBe(false);
  });
});

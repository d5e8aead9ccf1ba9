import { describe, expect, it } from 'vitest';
import { inLanes } from '../../../../src/supervisor/commands/in-lanes.js';
import { deferred } from '../../../../src/system/async/deferred.js';
import { settle } from '../../../support/fakes/fake-clock.js';

describe('inLanes()', () => {
  it('runs so many at the same time, and no further one after a failure', async () => {
    const tasks = Array.from({ length: 4 }, () => deferred());
    const begun: number[] = [];
    const done = inLanes(
      tasks.map(({ promise }, place) => () => {
        begun.push(place);
        return promise;
      }),
      2,
    );
    let isOver = false;
    void done.catch(() => (isOver = true));
    expect(begun).toEqual([0, 1]);
    tasks[0]!.resolve();
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    tasks[1]!.reject(new Error('failed'));
    await settle();
    expect(isOver).toBe(false);
    tasks[2]!.resolve();
    await expect(done).rejects.toThrow('failed');
    expect(begun).toEqual([0, 1, 2]);
  });
});

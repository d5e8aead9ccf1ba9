import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Deferred, deferred } from '../../../../src/system/async/deferred.js';
import { SharedRuns } from '../../../../src/system/async/shared-runs.js';

describe('shared runs', () => {
  it('are those that have not begun, of the same key, and never overlap', async () => {
    const gates: Deferred[] = [];
    const begun: string[] = [];
    const runs = new SharedRuns<string, number>(async key => {
      begun.push(key);
      const gate = deferred();
      gates.push(gate);
      await gate.promise;
      return begun.length;
    });
    const first = [runs.next('a'), runs.next('a')];
    await Promise.resolve();
    expect(begun).toEqual(['a']);
    const later = [runs.next('a'), runs.next('b'), runs.next('a')];
    gates[0]!.resolve();
    expect(await Promise.all(first)).toEqual([1, 1]);
    gates[1]!.resolve();
    expect(await later[0]).toBe(2);
    await nextTurn();
    expect(begun).toEqual(['a', 'a', 'b']);
    gates[2]!.resolve();
    expect(await Promise.all(later)).toEqual([2, 3, 2]);
  });

  it('that fail reject for those who share them, and not for the next one', async () => {
    let turn = 0;
    const runs = new SharedRuns<string, number>(() =>
      turn++ === 0 ? Promise.reject(new Error('no')) : Promise.resolve(turn),
    );
    const failed = [runs.next('a'), runs.next('a')];
    expect(runs.isIdle).toBe(false);
    await expect(failed[0]).rejects.toThrow('no');
    await expect(failed[1]).rejects.toThrow('no');
    expect(await runs.next('a')).toBe(2);
    await nextTurn();
    expect(runs.isIdle).toBe(true);
  });
});

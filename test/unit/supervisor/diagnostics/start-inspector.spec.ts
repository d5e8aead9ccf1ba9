import { describe, expect, it } from '@jest/globals';
import { startInspector } from '../../../../src/supervisor/diagnostics/start-inspector.js';
import type { WorkerOutput } from '../../../../src/supervisor/output/worker-output.js';

describe('the inspector of a blocked worker', () => {
  it('is not looked for where lines of the application say that it is', async () => {
    const filters: ((line: string) => boolean)[] = [];
    const output = { filter: filter => void filters.push(filter) } as WorkerOutput;
    const address = startInspector({ kill: () => true }, output);
    const [filter] = filters as [(line: string) => boolean];
    expect(filter('user said: Debugger listening on ws://127.0.0.1:1/x')).toBe(false);
    expect(filter('Debugger listening on ws://127.0.0.1:99999/x')).toBe(true);
    filter('Debugger listening on ws://127.0.0.1:9229/0a1b');
    expect((await address).href).toBe('ws://127.0.0.1:9229/0a1b');
  });
});

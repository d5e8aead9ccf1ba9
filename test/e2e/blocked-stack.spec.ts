import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { BlockedProcess } from '../support/blocked-process.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.mjs';

const root = new URL('../../', import.meta.url);
const fixtures = 'test/fixtures/blocked';

/** Timeout in ms of reads that return no stack. It is longer than Node takes to open its inspector. */
const SHORT = 500;

afterEach(() => Promise.all([BlockedProcess.endAll(), Application.endAll()]));

function url(file: string): string {
  return new URL(file, root).href;
}

async function inspectors(nodeArgs: string[]): Promise<number[]> {
  const app = await Application.ready('http/express', { nodeArgs });
  app.of('workerReady').forEach(({ pid }) => process.kill(pid, 'SIGUSR1'));
  const ports = (): number[] =>
    [...app.stderr.matchAll(/Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//g)].map(([, port]) =>
      Number(port),
    );
  await app.until(() => ports().length === 2);
  return ports().toSorted((one, other) => one - other);
}

describe('the stack of a blocked process', () => {
  it('names the functions, methods and positions, without the frames of Node', async () => {
    const blocked = await BlockedProcess.start(`${fixtures}/calls.mjs`);
    const file = url(`${fixtures}/calls.mjs`);
    const lines = (await blocked.readStack())?.split('\n') ?? [];
    expect(lines[0]).toMatch(new RegExp(`^    at add \\(${file}:10:\\d+\\)$`));
    expect(lines.slice(1)).toEqual([
      '    at Array.map (<anonymous>)',
      `    at Ledger.sum (${file}:9:20)`,
      `    at Ledger.open (${file}:5:18)`,
      `    at report (${file}:17:10)`,
      `    at async ${file}:21:1`,
    ]);
  });

  it('has the positions of the TypeScript that it was compiled from', async () => {
    const blocked = await BlockedProcess.start('.test-build/apps/blocked/typed.js');
    const file = url('test/fixtures/apps/blocked/typed.ts');
    const lines = (await blocked.readStack())?.split('\n') ?? [];
    expect(lines[0]).toMatch(new RegExp(`^    at OrderService\\.total \\(${file}:1[01]:\\d+\\)$`));
    expect(lines[1]).toMatch(new RegExp(`^    at ${file}:18:\\d+$`));
    expect(lines).toHaveLength(2);
  });

  it('has paths for CommonJS modules', async () => {
    const blocked = await BlockedProcess.start(`${fixtures}/common.cjs`);
    const lines = (await blocked.readStack())?.split('\n') ?? [];
    expect(lines.map(line => line.replace(/:\d+\)$/, ')').replace(/\(.*\//, '('))).toEqual([
      expect.stringMatching(/^    at spin \(common\.cjs:4\)$/),
      '    at Timeout.tick [as _onTimeout] (common.cjs:9)',
    ]);
    expect(pathToFileURL(/\((.*):\d+:\d+\)/.exec(lines[0] ?? '')?.[1] ?? '').href).toBe(
      url(`${fixtures}/common.cjs`),
    );
  });

  it.each([
    ['regular-expression', /^    at RegExp\.test \(<anonymous>\)\n    at isWord \(/],
    ['waiting', /^    at Atomics\.wait \(<anonymous>\)\n    at wait \(/],
    ['strange-errors', /^    at spin \(/],
  ])('is found where it is in %s', async (fixture, stack) => {
    const blocked = await BlockedProcess.start(`${fixtures}/${fixture}.mjs`);
    expect(await blocked.readStack()).toMatch(stack);
  });

  it('has the innermost twenty calls', async () => {
    const blocked = await BlockedProcess.start(`${fixtures}/deep.mjs`);
    const lines = (await blocked.readStack())?.split('\n') ?? [];
    expect(lines).toHaveLength(20);
    expect(new Set(lines.slice(1)).size).toBe(1);
  });

  it.each(['native', 'child-process', 'own-listener'])(
    'is unknown, in time, where it is in %s',
    async fixture => {
      const blocked = await BlockedProcess.start(`${fixtures}/${fixture}.mjs`);
      const before = performance.now();
      expect(await blocked.readStack(SHORT)).toBeUndefined();
      expect(performance.now() - before).toBeLessThan(SHORT + 400);
      await blocked.end();
      expect(blocked.printed).toBe('');
    },
  );

  it('is unknown of a process that has ended', async () => {
    const blocked = await BlockedProcess.start(`${fixtures}/waiting.mjs`);
    await blocked.end();
    expect(await blocked.readStack()).toBeUndefined();
  });

  it('is unknown at once of a process that ends meanwhile', async () => {
    const blocked = await BlockedProcess.start(`${fixtures}/native.mjs`);
    const stack = blocked.readStack(60_000);
    await blocked.end();
    expect(await stack).toBeUndefined();
  });

  it('is read without a word of Node about its inspector, and with all that the process says', async () => {
    const blocked = await BlockedProcess.start(`${fixtures}/talking.mjs`);
    expect(await blocked.readStack()).toMatch(/^ {4}at talk \(/m);
    await blocked.end();
    const { printed } = blocked;
    const lines = printed.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines).toEqual(lines.map((_, index) => `line ${index}`));
    expect(blocked.output.tail).not.toMatch(/[Dd]ebugger|nodejs\.org/);
  });

  it('leaves no timer, listener or connection behind', async () => {
    const blocked = await BlockedProcess.start(`${fixtures}/calls.mjs`);
    const listeners = blocked.stderr.listenerCount('close');
    const resources = process.getActiveResourcesInfo().toSorted();
    expect(await blocked.readStack()).toBeDefined();
    expect(blocked.stderr.listenerCount('close')).toBe(listeners);
    // Destroyed resources close in one of the next turns of the event loop.
    await eventually(
      () => isDeepStrictEqual(process.getActiveResourcesInfo().toSorted(), resources),
      3_000,
      () => process.getActiveResourcesInfo().join(),
    );
  });
});

describe('the inspector of a worker', () => {
  it('takes a port that is free', async () => {
    const ports = await inspectors([]);
    expect(new Set([...ports, 9229, 9230, 9231]).size).toBe(5);
  });

  it('takes the port of its slot if the primary has an inspector port', async () => {
    const port = await freePort();
    expect(await inspectors([`--inspect-port=${port}`])).toEqual([port + 1, port + 2]);
  });
});

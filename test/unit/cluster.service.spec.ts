import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterService } from '../../src/cluster.service.js';

const never = (): Promise<never> => new Promise(() => {});

let drain: AbortController;
let cluster: ClusterService;

beforeEach(() => {
  drain = new AbortController();
  cluster = new ClusterService(
    {
      lifecycle: { drainSignal: drain.signal },
      host: { reload: never, scale: never },
    } as never,
    {} as never,
  );
});

describe.each([
  ['the reload', () => cluster.reload()],
  ['the scaling', () => cluster.scale(2)],
])('a worker that drains names what it cannot wait for: %s', (what, command) => {
  it('if it has sent the command', async () => {
    const answer = command();
    drain.abort();
    await expect(answer).rejects.toThrow(
      `This worker is draining and cannot wait for ${what}, which continues without it.`,
    );
  });

  it('if it has not sent it', async () => {
    drain.abort();
    await expect(command()).rejects.toThrow(
      `This worker is draining and did not request ${what}. Try again: another worker answers then.`,
    );
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StateUnavailableError } from '../../src/model/errors/state-unavailable.error.js';
import { perform } from '../../src/state/objects/perform.js';
import type { Operation } from '../../src/state/operation.js';
import { eventually } from '../support/eventually.js';
import { RedisMember } from '../support/redis-member.js';
import { RedisCluster } from '../support/redis/redis-cluster.js';

const DEADLINE = 60_000;

const INCREMENT: Operation = {
  name: 'increment',
  key: 'sold',
  runs: [[1, 1]],
  min: Number.MIN_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
};

let cluster: RedisCluster;
let member: RedisMember;

beforeAll(async () => {
  cluster = await RedisCluster.start({ persistent: true });
}, DEADLINE);
afterAll(() => cluster.stop());
afterEach(() => member.close());

const run = (operation: Operation): Promise<unknown> => perform(member.state, 'a value', operation);

describe.each([['no'], ['yes']])(
  'a dead node of a cluster that needs all nodes: %s',
  coverage => {
    it('is logged, and calls for its keys are certainly not applied until it is back', async () => {
      await Promise.all(
        cluster.nodes.map(node =>
          node.command('CONFIG', 'SET', 'cluster-require-full-coverage', coverage),
        ),
      );
      const options = { namespace: randomUUID(), timeout: 1_000 };
      member = await RedisMember.of({ cluster: cluster.seeds }, options);
      expect(await member.available()).toBeUndefined();
      await run(INCREMENT);
      const key = member.keys.lane(member.state.executor.partitionOf('sold'), 'any');
      const replica = await cluster.replicaOf(key);
      await replica.kill();
      const dead = await cluster.killMaster(key);
      const line = `Node 127.0.0.1:${dead.port} of the Redis Cluster is unreachable`;
      const isLogged = (): boolean => member.logged.some(each => each.startsWith(line));
      await eventually(
        async () => {
          await run(INCREMENT).catch(() => {});
          return isLogged();
        },
        DEADLINE,
        () => member.logged.join('\n'),
      );
      for (let call = 0; call < 3; call++) {
        const errors = await Promise.all(
          Array.from({ length: 5 }, () => run(INCREMENT).catch((reason: unknown) => reason)),
        );
        expect(errors).toEqual(errors.map(() => expect.any(StateUnavailableError)));
      }
      expect(member.logged.filter(each => each.startsWith(line))).toHaveLength(1);
      await dead.restart();
      await replica.restart();
      await eventually(
        () =>
          run(INCREMENT).then(
            () => true,
            () => false,
          ),
        DEADLINE,
        () => member.logged.join('\n'),
      );
    });
  },
  2 * DEADLINE,
);

import { describe, expect, it } from '@jest/globals';
import * as api from '../../src/index.js';

describe('the public API', () => {
  it('is exactly this', () => {
    expect(Object.keys(api).toSorted()).toEqual([
      'AmbiguousResultError',
      'BusInputError',
      'BusUnavailableError',
      'ClusterBus',
      'ClusterConfigError',
      'ClusterError',
      'ClusterModule',
      'ClusterService',
      'Counter',
      'CounterRangeError',
      'InjectCounter',
      'Leader',
      'Leaderboard',
      'LockLostError',
      'LockTimeoutError',
      'OnClusterEvent',
      'OnClusterRequest',
      'PrimaryUnreachableError',
      'SharedState',
      'StateInputError',
      'StateMap',
      'StateOutageError',
      'StateTypeError',
      'StateUnavailableError',
      'StripedCounter',
      'UpdateConflictError',
      'clusterRole',
      'defineTopic',
      'getCounterToken',
    ]);
  });
});

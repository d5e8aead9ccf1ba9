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
      'HostStoppingError',
      'InjectCounter',
      'Leader',
      'Leaderboard',
      'LockLostError',
      'LockTimeoutError',
      'OnClusterEvent',
      'OnClusterRequest',
      'PrimaryRequestError',
      'PrimaryUnreachableError',
      'ReloadFailedError',
      'ScaleFailedError',
      'SharedState',
      'SingleModeError',
      'StateFullError',
      'StateInputError',
      'StateMap',
      'StateOutageError',
      'StateSemaphore',
      'StateSet',
      'StateTypeError',
      'StateUnavailableError',
      'StripedCounter',
      'UpdateConflictError',
      'WorkerDrainingError',
      'clusterLogFields',
      'clusterRole',
      'defineTopic',
      'getCounterToken',
    ]);
  });
});

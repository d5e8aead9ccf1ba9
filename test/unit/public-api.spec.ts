import { describe, expect, it } from '@jest/globals';
import * as api from '../../src/index.js';

describe('the public API', () => {
  it('is exactly this', () => {
    expect(Object.keys(api).toSorted()).toEqual([
      'ClusterConfigError',
      'ClusterError',
      'ClusterModule',
      'ClusterService',
      'PrimaryUnreachableError',
      'clusterRole',
    ]);
  });
});

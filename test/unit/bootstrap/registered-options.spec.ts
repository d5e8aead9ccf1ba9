import { beforeEach, describe, expect, it } from 'vitest';
import {
  optionsBeforeNest,
  rememberRegistration,
} from '../../../src/bootstrap/registered-options.js';
import { ClusterConfigError } from '../../../src/model/errors/cluster-config.error.js';

const URL = 'redis://localhost:6379';

const options = (redis?: string | null) => optionsBeforeNest('clusterOnce()', redis);

beforeEach(() => {
  delete process.env['CLUSTER_REDIS_URL'];
});

describe('the options before Nest', () => {
  it('are those of forRoot()', () => {
    rememberRegistration({ options: { release: 'r1', redis: URL } });
    expect(options()).toMatchObject({ release: 'r1', redis: URL });
    expect(options(null)).toMatchObject({ release: 'r1', redis: null });
  });

  it('are not known with forRootAsync(), unless the server is given', () => {
    rememberRegistration({ async: { useFactory: () => ({}) } });
    expect(() => options()).toThrow(ClusterConfigError);
    expect(() => options()).toThrow(/forRootAsync\(\) are not known before Nest/);
    expect(options(null).redis).toBeNull();
    expect(options(URL).redis).toBe(URL);
    process.env['CLUSTER_REDIS_URL'] = URL;
    expect(options().redis).toBe(URL);
  });
});

import { RequestMethod } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { pagePath } from '../../../src/dashboard/page-path.js';

describe('pagePath()', () => {
  it.each([
    ['', '/cluster', '/cluster'],
    ['', 'cluster', '/cluster'],
    ['api', '/cluster', '/api/cluster'],
    ['/api/', '/cluster', '/api/cluster'],
    ['/', '/cluster', '/cluster'],
    ['api/v1', 'ops/cluster', '/api/v1/ops/cluster'],
  ])('with the prefix %j and the path %j is %j', (prefix, path, expected) => {
    const config = new ApplicationConfig();
    config.setGlobalPrefix(prefix);
    expect(pagePath(config, path)).toBe(expected);
  });

  it.each([
    [RequestMethod.ALL, '/cluster'],
    [RequestMethod.GET, '/cluster'],
    [RequestMethod.POST, '/api/cluster'],
  ])('has no prefix where the page is excluded from it: method %j', (requestMethod, expected) => {
    const config = new ApplicationConfig();
    config.setGlobalPrefix('api');
    const route = { path: '/cluster', requestMethod, pathRegex: /^\/cluster\/?$/ };
    config.setGlobalPrefixOptions({ exclude: [route] });
    expect(pagePath(config, '/cluster')).toBe(expected);
  });
});

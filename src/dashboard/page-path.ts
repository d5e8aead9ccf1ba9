import { RequestMethod } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

/**
 * Returns the path at which the application serves the page: with the global prefix, unless its route is excluded.
 *
 * @param config the configuration of the application, when its routes have been made
 * @param path the path of the options
 * @internal
 */
export function pagePath(
  config: Pick<ApplicationConfig, 'getGlobalPrefix' | 'getGlobalPrefixOptions'>,
  path: string,
): string {
  const own = withLeadingSlash(path);
  const prefix = config.getGlobalPrefix();
  if (!prefix || isExcluded(config, own)) {
    return own;
  }
  return `${withLeadingSlash(prefix).replace(/\/+$/, '')}${own}`;
}

function isExcluded(config: Pick<ApplicationConfig, 'getGlobalPrefixOptions'>, path: string) {
  const { exclude = [] } = config.getGlobalPrefixOptions();
  return exclude.some(
    ({ requestMethod, pathRegex }) =>
      [RequestMethod.GET, RequestMethod.ALL].includes(requestMethod) && pathRegex.test(path),
  );
}

function withLeadingSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

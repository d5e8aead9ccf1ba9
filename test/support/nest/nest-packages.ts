import { createRequire } from 'node:module';
import { join } from 'node:path';
import { NEST, type NestVersion } from './nest-versions.mjs';

/** The real packages of one version of Nest, for tests of what this package relies on. */
export interface NestPackages {
  readonly common: typeof import('@nestjs/common');
  readonly core: typeof import('@nestjs/core');
}

/** Loads them from where `scripts/install.mjs` has installed them. */
export function nestPackages(nest: NestVersion): NestPackages {
  const require = createRequire(join(NEST[nest].packages, 'package.json'));
  return {
    common: require('@nestjs/common') as NestPackages['common'],
    core: require('@nestjs/core') as NestPackages['core'],
  };
}

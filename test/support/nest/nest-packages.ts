import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type NestVersion, packagesOf } from './nest-versions.mjs';

/** The real packages of one version of Nest, for tests of the behaviour that this package relies on. */
export interface NestPackages {
  readonly common: typeof import('@nestjs/common');
  readonly core: typeof import('@nestjs/core');
  readonly terminus: typeof import('@nestjs/terminus');
}

/** Loads the packages from where `scripts/install.mjs` has installed them, each on first use. */
export function nestPackages(nest: NestVersion): NestPackages {
  const require = createRequire(join(packagesOf(nest), 'package.json'));
  const load = <Name extends keyof NestPackages>(name: Name): NestPackages[Name] =>
    require(`@nestjs/${name}`) as NestPackages[Name];
  return {
    get common() {
      return load('common');
    },
    get core() {
      return load('core');
    },
    get terminus() {
      return load('terminus');
    },
  };
}

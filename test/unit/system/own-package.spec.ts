import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OWN_CODE, ownPackage, PACKAGE_VERSION } from '../../../src/system/own-package.js';

const root = new URL('../../../', import.meta.url);

describe('this package', () => {
  it('knows the directory with its entry point', () => {
    expect(existsSync(new URL('index.ts', OWN_CODE))).toBe(true);
  });

  it('knows its version', () => {
    const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
      version: string;
    };
    expect(PACKAGE_VERSION).toBe(version);
  });

  it('finds itself in what the build writes, too', () => {
    expect(ownPackage(new URL('dist/index-1234.js', root).href)?.code.href).toBe(
      new URL('dist/', root).href,
    );
  });

  it('is not found in a bundle without a URL', () => {
    expect(ownPackage(undefined)).toBeUndefined();
  });

  it('does not take the package of an application for itself', () => {
    expect(ownPackage(new URL('sample-app/dist/main.js', root).href)).toBeUndefined();
  });
});

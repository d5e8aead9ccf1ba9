import { describe, expect, it, vi } from 'vitest';
import { loadFrom, OwnCopy, registerCopy } from '../../../src/bootstrap/package-copy.js';
import { ClusterConfigError } from '../../../src/model/errors/cluster-config.error.js';

const NEST = Symbol('ModuleRef of one Nest');

const copy = (directory: string, version = '1.0.0', nest: unknown = NEST): OwnCopy =>
  new OwnCopy(`/${directory}/dist/common.js`, version, nest);

describe('registerCopy()', () => {
  it('gives all copies the first one', () => {
    const registry = {};
    const first = copy('a');
    expect(registerCopy(first, registry)).toBe(first);
    expect(registerCopy(copy('b'), registry)).toBe(first);
    expect(registerCopy(copy('c'), registry)).toBe(first);
  });

  it('leaves a copy alone that works with another Nest', () => {
    const registry = {};
    registerCopy(copy('a'), registry);
    const other = copy('a', '1.0.0', Symbol('ModuleRef of another Nest'));
    expect(registerCopy(other, registry)).toBe(other);
  });

  it('refuses another version, and names both files', () => {
    const registry = {};
    registerCopy(copy('a'), registry);
    const register = (): unknown => registerCopy(copy('b', '1.1.0'), registry);
    expect(register).toThrow(ClusterConfigError);
    expect(register).toThrow('1.0.0 from /a/dist/common.js, then 1.1.0 from /b/dist/common.js');
  });
});

describe('a copy', () => {
  it('has the entry points that were added', () => {
    const own = copy('a');
    const exported = {};
    own.add('index', exported);
    expect(own.load('index')).toBe(exported);
  });
});

describe('an entry point of another copy', () => {
  it.each([
    ['a CommonJS bundle', 'a bundle'],
    ['a bundle', '/app/bundle/main.cjs'],
  ])('cannot be loaded from %s that has only another one', (_, file) => {
    const bundle = new OwnCopy(file, '1.0.0', NEST);
    bundle.add('index', {});
    const load = (): object => loadFrom(bundle, 'health', '/a/dist/common.js');
    expect(load).toThrow(ClusterConfigError);
    expect(load).toThrow(
      `Only a part of nestjs-cluster is bundled: ${file} contains another entry point, and nestjs-cluster/health is ` +
        "loaded from /a/dist/common.js. Bundle all entry points, or leave all out: external: ['nestjs-cluster', 'nestjs-cluster/*'].",
    );
  });

  it('fails as it does in the first copy', () => {
    const missing = Object.assign(new Error("Cannot find module '@nestjs/terminus'"), {
      code: 'MODULE_NOT_FOUND',
    });
    const first = copy('a');
    vi.spyOn(first, 'load').mockImplementation(() => {
      throw missing;
    });
    expect(() => loadFrom(first, 'health', '/b/dist/common.js')).toThrow(missing);
  });
});

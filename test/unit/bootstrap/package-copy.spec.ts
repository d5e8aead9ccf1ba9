import { describe, expect, it } from '@jest/globals';
import { OwnCopy, registerCopy } from '../../../src/bootstrap/package-copy.js';
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

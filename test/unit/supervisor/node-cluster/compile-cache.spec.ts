import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileCacheVariables } from '../../../../src/supervisor/node-cluster/compile-cache.js';
import {
  createPrivateDirectory,
  privateDirectory,
} from '../../../../src/system/process/private-directory.js';

let home: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'nestjs-cluster-')));
});

afterEach(() => rmSync(home, { recursive: true }));

describe('privateDirectory()', () => {
  it('is made with all that is above it, for this user alone', () => {
    const path = join(home, 'cache', 'compile');
    expect(privateDirectory(path)).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, 'cache')).mode & 0o777).toBe(0o700);
    expect(privateDirectory(path)).toBe(path);
  });

  it('is none that belongs to another user', () => {
    mkdirSync(join(home, 'cache'), { mode: 0o700 });
    expect(privateDirectory(join(home, 'cache'), process.geteuid!() + 1)).toBeUndefined();
  });

  it.each([0o755, 0o770, 0o701])('is none with mode %o', mode => {
    const path = join(home, 'cache');
    mkdirSync(path);
    chmodSync(path, mode);
    expect(privateDirectory(path)).toBeUndefined();
  });

  it('is no symbolic link, not even to a private directory', () => {
    mkdirSync(join(home, 'real'), { mode: 0o700 });
    symlinkSync(join(home, 'real'), join(home, 'link'));
    expect(privateDirectory(join(home, 'link'))).toBeUndefined();
  });

  it('is not where others can exchange a directory above it', () => {
    mkdirSync(join(home, 'open', 'above'), { recursive: true, mode: 0o700 });
    chmodSync(join(home, 'open'), 0o777);
    expect(privateDirectory(join(home, 'open', 'above', 'cache'))).toBeUndefined();
    // As `/tmp` is: others cannot rename what is ours there.
    chmodSync(join(home, 'open'), 0o1777);
    expect(privateDirectory(join(home, 'open', 'above', 'cache'))).toBeDefined();
  });

  it('is known by its path without links, so that nobody can turn them later', () => {
    mkdirSync(join(home, 'real'), { mode: 0o700 });
    symlinkSync(join(home, 'real'), join(home, 'link'));
    expect(privateDirectory(join(home, 'link', 'cache'))).toBe(join(home, 'real', 'cache'));
  });

  it('is not there where none can be made', () => {
    writeFileSync(join(home, 'file'), '');
    expect(privateDirectory(join(home, 'file', 'cache'))).toBeUndefined();
    expect(privateDirectory(join(home, 'file'))).toBeUndefined();
    symlinkSync(join(home, 'nowhere'), join(home, 'dangling'));
    expect(privateDirectory(join(home, 'dangling', 'cache'))).toBeUndefined();
    expect(privateDirectory(join(home, 'dangling'))).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('is not tried endlessly below /proc', () => {
    expect(createPrivateDirectory('/proc/self/nowhere/cache').why).toMatch(
      /^cannot be created \(.*ENOENT/,
    );
  });
});

/** Node's cache, which counts nothing but what it was told. */
class FakeCompileCache {
  #directory: string | undefined;

  constructor(private readonly works = true) {}

  enableCompileCache(directory: string): void {
    this.#directory = this.works ? join(directory, 'v1') : undefined;
  }

  getCompileCacheDir(): string | undefined {
    return this.#directory;
  }
}

const ofHome = (base: string): string => join(base, 'nestjs-cluster', 'compile-cache');

describe('compileCacheVariables()', () => {
  it.each(['XDG_CACHE_HOME', 'CACHE_DIRECTORY'])(
    'gives the workers the directory of the primary, in %s',
    variable => {
      const cache = new FakeCompileCache();
      const env = { HOME: '/no/such', [variable]: home };
      expect(compileCacheVariables(cache, env)).toEqual({ NODE_COMPILE_CACHE: ofHome(home) });
      expect(cache.getCompileCacheDir()).toBe(join(ofHome(home), 'v1'));
    },
  );

  it("takes the platform's directory in the user's home, and no relative one", () => {
    const directory = process.platform === 'darwin' ? 'Library/Caches' : '.cache';
    const env = { HOME: home, XDG_CACHE_HOME: 'relative' };
    expect(compileCacheVariables(new FakeCompileCache(), env)).toEqual({
      NODE_COMPILE_CACHE: ofHome(join(home, directory)),
    });
  });

  it('does without where there is no private directory', () => {
    mkdirSync(ofHome(home), { recursive: true });
    chmodSync(ofHome(home), 0o755);
    const cache = new FakeCompileCache();
    expect(compileCacheVariables(cache, { XDG_CACHE_HOME: home })).toEqual({});
    expect(cache.getCompileCacheDir()).toBeUndefined();
  });

  it('leaves an application alone that has enabled it already', () => {
    const cache = new FakeCompileCache();
    cache.enableCompileCache('/own');
    expect(compileCacheVariables(cache, { XDG_CACHE_HOME: home })).toEqual({});
    expect(cache.getCompileCacheDir()).toBe('/own/v1');
  });

  it.each([{ NODE_COMPILE_CACHE: '/own' }, { NODE_DISABLE_COMPILE_CACHE: '1' }])(
    'leaves an environment alone that has chosen (%j)',
    env => {
      expect(compileCacheVariables(new FakeCompileCache(), env)).toEqual({});
    },
  );

  it('does without on a Node that has none, or where Node cannot', () => {
    expect(compileCacheVariables({}, { XDG_CACHE_HOME: home })).toEqual({});
    expect(compileCacheVariables(new FakeCompileCache(false), { XDG_CACHE_HOME: home })).toEqual(
      {},
    );
  });
});

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PrivateDirectory } from '../../../../src/session-forwarding/primary/private-directory.js';
import { privateSocketPath } from '../../../../src/session-forwarding/private-socket-path.js';

let parent: string;
const exits: (() => void)[] = [];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'p-'));
});

afterEach(() => {
  rmSync(parent, { recursive: true });
  exits.length = 0;
});

function directoryIn(...parents: string[]): PrivateDirectory {
  return new PrivateDirectory(parents, remove => exits.push(remove));
}

describe('PrivateDirectory', () => {
  it('can be opened by its user only, and exists until the process ends', () => {
    const directory = directoryIn(parent);
    const path = directory.open();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(directory.open()).toBe(path);
    writeFileSync(privateSocketPath(path, 1), '');
    writeFileSync(privateSocketPath(path, 12), '');
    directory.removeSocketOf(1);
    expect(existsSync(privateSocketPath(path, 1))).toBe(false);
    expect(existsSync(privateSocketPath(path, 12))).toBe(true);
    expect(exits).toHaveLength(1);
    exits[0]!();
    expect(existsSync(path)).toBe(false);
  });

  it('is created again if it was removed', () => {
    const directory = directoryIn(parent);
    const path = directory.open();
    rmSync(path, { recursive: true });
    expect(directory.open()).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('is elsewhere if the path would be too long, or cannot be written to', () => {
    const long = join(parent, 'x'.repeat(80));
    mkdirSync(long);
    expect(directoryIn(long, join(parent, 'missing'), parent).open()).toMatch(
      new RegExp(`^${parent}/nestjs-cluster-`),
    );
  });

  it('says what to do if there is no place for it', () => {
    expect(() => directoryIn(join(parent, 'missing')).open()).toThrow(/Set TMPDIR to a directory/);
  });
});

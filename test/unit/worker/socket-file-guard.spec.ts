import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type FileRemoval,
  guardSocketFiles,
  socketFilesIn,
} from '../../../src/worker/socket-file-guard.js';

const GUARDED = '/run/app.sock';

let removed: unknown[];
let files: FileRemoval;

beforeEach(() => {
  removed = [];
  const remove = (path: unknown): void => void removed.push(path);
  const removeThen = (path: unknown, ...rest: unknown[]): void => {
    remove(path);
    (rest.at(-1) as () => void)();
  };
  files = {
    unlink: removeThen,
    unlinkSync: remove,
    rm: removeThen,
    rmSync: remove,
    promises: { unlink: async path => remove(path), rm: async path => remove(path) },
  };
});

async function removeInEveryWay(path: unknown): Promise<void> {
  files.unlinkSync(path);
  files.rmSync(path, { force: true });
  await new Promise(resolve => files.unlink(path, resolve));
  await new Promise(resolve => files.rm(path, { force: true }, resolve));
  await files.promises.unlink(path);
  await files.promises.rm(path, { force: true });
}

describe('the files of Unix sockets on which the host listens', () => {
  it('are not removed by a worker, however it tries', async () => {
    guardSocketFiles([GUARDED], files);
    await removeInEveryWay(GUARDED);
    await removeInEveryWay('/run/../run/app.sock');
    await removeInEveryWay(pathToFileURL(GUARDED));
    await removeInEveryWay(Buffer.from(GUARDED));
    expect(removed).toEqual([]);
  });

  it('are the only ones', async () => {
    guardSocketFiles([GUARDED], files);
    await removeInEveryWay('/run/other.sock');
    expect(removed).toHaveLength(6);
  });

  it('change nothing where there are none', () => {
    const before = { ...files };
    guardSocketFiles([], files);
    expect(files).toEqual(before);
  });

  it.each([undefined, '', 'x', '{}', 'null'])('are none if the environment says %j', text => {
    expect(socketFilesIn(text)).toEqual([]);
  });

  it('are those that the environment names', () => {
    expect(socketFilesIn(JSON.stringify([GUARDED, 5]))).toEqual([GUARDED]);
  });
});

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { profileIn, samplingInterval } from '../../../../src/supervisor/inspection/cpu-profile.js';
import { ResultFile } from '../../../../src/supervisor/inspection/result-file.js';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'result-'));
  path = join(directory, 'result');
});

afterEach(() => rm(directory, { recursive: true }));

describe('the file with a result', () => {
  it('can be read by its user only, and has what was written', async () => {
    const file = await ResultFile.create(path);
    await file.write('é');
    await file.write(Buffer.from('x'));
    await file.finish();
    expect([(await stat(path)).mode & 0o777, file.bytes]).toEqual([0o600, 3]);
    expect(await readFile(path, 'utf8')).toBe('éx');
  });

  it('replaces no other file', async () => {
    await writeFile(path, 'mine');
    await expect(ResultFile.create(path)).rejects.toMatchObject({
      code: 'CONTROL_FILE',
      message: expect.stringMatching(/result could not be written: it exists already/),
    });
  });

  it('is removed if it is not complete, and cannot be written afterwards', async () => {
    const file = await ResultFile.create(path);
    await file.discard();
    expect(existsSync(path)).toBe(false);
    await expect(file.write('x')).rejects.toMatchObject({ code: 'CONTROL_FILE' });
  });

  it('needs enough space on the disk', async () => {
    const file = await ResultFile.create(path);
    await file.mustHave(1);
    await expect(file.mustHave(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
      code: 'CONTROL_FILE',
      message: expect.stringMatching(/MB left, and the snapshot needs at least 9007199255 MB/),
    });
    await file.discard();
  });
});

describe('a CPU profile', () => {
  it('is what the reply has', () => {
    const profile = '{"nodes":[],"startTime":1}';
    const reply = Buffer.from(`{"id":4,"result":{"profile":${profile}}}`);
    expect(profileIn(reply).toString()).toBe(profile);
  });

  it.each(['{"id":4,"error":{"message":"not started"}}', '{"id":4,"result":{"profile":{}', ''])(
    'is missing in %s',
    reply => {
      expect(() => profileIn(Buffer.from(reply))).toThrow('no profile');
    },
  );

  it('has fewer samples per second if it is long', () => {
    expect([1, 10, 60, 300].map(samplingInterval)).toEqual([1_000, 1_000, 1_000, 5_000]);
  });
});

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {Set<string>} */
const existing = new Set();

process.on('exit', () =>
  existing.forEach(directory => rmSync(directory, { recursive: true, force: true })),
);

/** @returns {Promise<{ path: string, remove: () => Promise<void> }>} an empty directory of its own */
export async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'nestjs-cluster-bench-'));
  existing.add(path);
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true });
      existing.delete(path);
    },
  };
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';

/**
 * Gives the unit tests a directory for temporary files, and removes it after them: Vitest ends its processes by a
 * signal, so that what they would remove at their exit remains. Its path is short, because it contains Unix sockets.
 */
export default function setup() {
  const directory = mkdtempSync('/tmp/unit-');
  // Like /tmp: a test tries to connect as another user.
  chmodSync(directory, 0o755);
  process.env.TMPDIR = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}

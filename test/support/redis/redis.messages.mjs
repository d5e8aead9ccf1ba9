// @ts-check

export const WHAT_TO_DO = `Do one of these, then run the tests again:
  - name a running Redis server (the tests write to it, so use an empty one):
      TEST_REDIS_URL=redis://127.0.0.1:6379 npm test
  - install one; it need not run, because the tests start their own:
      Debian, Ubuntu:  sudo apt-get install redis-server
      Fedora:          sudo dnf install valkey
      macOS:           brew install redis
Without Redis, the unit tests still run: npm run test:unit`;

/** @type {(url: string, error: unknown) => string} */
export const UNREACHABLE = (url, error) =>
  `TEST_REDIS_URL names ${withoutPassword(url)}, but no Redis server answers PING there: ${text(error)}
Start it, or unset TEST_REDIS_URL and the tests find or install one themselves.`;

/** @type {(path: string) => string} */
export const NO_SERVER = path =>
  `TEST_REDIS_SERVER names ${path}, which is not an executable file.
Name the redis-server or valkey-server to start, or unset TEST_REDIS_SERVER to use the one on the PATH.`;

/** @param {unknown} error */
function text(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {string} url */
function withoutPassword(url) {
  return url.replace(/:[^:@/]*@/, ':***@');
}

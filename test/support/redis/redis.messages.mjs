// @ts-check

const WHAT_TO_DO = `Do one of these, then run the tests again:
  - name a Redis that is running (the tests write to it, so take one that holds nothing):
      TEST_REDIS_URL=redis://127.0.0.1:6379 npm test
  - install one; it need not run, the tests start their own:
      Debian, Ubuntu:  sudo apt-get install redis-server
      Fedora:          sudo dnf install valkey
      macOS:           brew install redis
Without Redis, the unit tests still run: npm run test:unit`;

export const NO_REDIS = `These tests need a Redis server and found none.
TEST_REDIS_URL is not set, neither redis-server nor valkey-server is on the PATH, and none can be
installed from here: that takes apt-get as root (or with a sudo that asks no password), or Homebrew.
${WHAT_TO_DO}`;

/** @param {string} command */
export const INSTALLING = command =>
  `These tests need a Redis server and found none on this machine. Installing it now: ${command}`;

/** @type {(command: string, error: unknown) => string} */
export const INSTALL_FAILED = (command, error) =>
  `These tests need a Redis server, and installing it did not work.
${command}
${text(error)}
${WHAT_TO_DO}`;

/** @param {string} command */
export const INSTALLED_BUT_MISSING = command =>
  `These tests need a Redis server. "${command}" ended well, and yet neither redis-server nor valkey-server is on the PATH.
${WHAT_TO_DO}`;

/** @type {(url: string, error: unknown) => string} */
export const UNREACHABLE = (url, error) =>
  `TEST_REDIS_URL names ${withoutPassword(url)}, but no Redis answers PING there: ${text(error)}
Start it, or unset TEST_REDIS_URL and the tests find or install one themselves.`;

/** @param {unknown} error */
function text(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {string} url */
function withoutPassword(url) {
  return url.replace(/:[^:@/]*@/, ':***@');
}

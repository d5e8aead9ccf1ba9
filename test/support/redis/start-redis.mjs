// @ts-check
import { freePort } from '../free-port.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const KEEPER = fileURLToPath(new URL('./redis-keeper.mjs', import.meta.url));

/** Maximum milliseconds for the start of a server, which takes about fifty. */
const DEADLINE = 15_000;

/** Another process may take a free port before it is used. */
const ATTEMPTS = 3;

/**
 * Starts a server for the tests: on a free port of 127.0.0.1, without writing to disk.
 *
 * @param {string} server path of redis-server or valkey-server
 * @returns {Promise<import('./provide-redis.mjs').ProvidedRedis>}
 */
export async function startRedis(server) {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const keeper = spawn(process.execPath, [KEEPER, server, String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(keeper, 'exit');
    const output = await untilReady(keeper);
    if (output === undefined) {
      // Does not keep this process alive. The keeper ends when its stdin closes.
      const handles = [keeper, keeper.stdin, keeper.stdout];
      handles.forEach(handle => isRefable(handle) && handle.unref());
      return {
        url: `redis://127.0.0.1:${port}`,
        stop: async () => {
          handles.forEach(handle => isRefable(handle) && handle.ref());
          keeper.stdin.end();
          await exited;
        },
      };
    }
    keeper.stdin.end();
    await exited;
    if (attempt === ATTEMPTS || !output.includes('Address already in use')) {
      throw new Error(`${server} did not start on port ${port}:\n${output}`);
    }
  }
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null>} keeper
 * @returns {Promise<string | undefined>} `undefined` when it is ready, else its output
 */
function untilReady(keeper) {
  return new Promise(resolve => {
    let output = '';
    const timer = setTimeout(() => done(`${output}\n(not ready after ${DEADLINE} ms)`), DEADLINE);
    /** @param {Buffer} chunk */
    const listen = chunk => {
      output += String(chunk);
      if (output.includes('Ready to accept connections')) {
        done(undefined);
      }
    };
    const close = () => done(output);
    /** @param {string | undefined} result */
    const done = result => {
      clearTimeout(timer);
      keeper.stdout.off('data', listen).off('end', close).resume();
      resolve(result);
    };
    keeper.stdout.on('data', listen).on('end', close);
  });
}

/**
 * The pipes of a child process are sockets, although their types do not say so.
 *
 * @param {object} handle
 * @returns {handle is { ref(): void, unref(): void }}
 */
function isRefable(handle) {
  return 'ref' in handle && 'unref' in handle;
}

import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const READY_MILLISECONDS = 30_000;
const STOP_MILLISECONDS = 10_000;

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const living = new Set();

// Ctrl-C does not reach these processes, because they are in their own process groups.
process.on('exit', killAll);
for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])) {
  process.on(signal, () => process.exit(code));
}

/**
 * Starts a process as the leader of a group, so that it can be ended with all of its children.
 *
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env the whole environment; nothing is inherited
 * @param {import('node:child_process').StdioOptions} stdio
 * @returns {ChildProcess}
 */
export function start([file, ...args], env, stdio) {
  const child = spawn(file, args, { env, stdio, detached: true });
  living.add(child);
  child.once('error', () => living.delete(child));
  // Its output closes when the last process of the group has ended.
  child.once('close', () => living.delete(child));
  return child;
}

/** Without variables that change the behaviour, such as those of a test runner. */
export function processEnv() {
  return { PATH: process.env['PATH'], TMPDIR: tmpdir(), NODE_ENV: 'production', NO_COLOR: '1' };
}

/**
 * Ends a group of processes, and waits until all of them have ended.
 *
 * @param {ChildProcess} child
 */
export async function stop(child) {
  if (!living.has(child)) {
    return;
  }
  const gone = new Promise(resolve => child.once('close', resolve));
  child.kill('SIGTERM');
  const late = new AbortController();
  await Promise.race([
    gone,
    delay(STOP_MILLISECONDS, undefined, { signal: late.signal }).then(
      () => killGroup(child),
      () => {},
    ),
  ]);
  late.abort();
  await gone;
}

/**
 * Waits until this many processes have reported that they are ready.
 *
 * @param {ChildProcess} child with piped standard output
 * @param {number} count
 * @returns {Promise<number[]>} their process ids
 */
export async function ready(child, count) {
  /** @type {Set<number>} */
  const pids = new Set();
  await output(child, line => {
    const pid = /^@ready (\d+)/.exec(line)?.[1];
    if (pid) {
      pids.add(Number(pid));
    }
    return pids.size === count;
  });
  return [...pids];
}

/**
 * Waits until a process has printed a line.
 *
 * @param {ChildProcess} child with piped standard output
 * @param {RegExp} pattern
 */
export function printed(child, pattern) {
  return output(child, line => pattern.test(line));
}

/**
 * @param {ChildProcess} child with piped standard output
 * @param {(line: string) => boolean} isReady gets each line
 * @returns {Promise<void>} once `isReady` has returned `true`
 */
function output(child, isReady) {
  return new Promise((resolve, reject) => {
    /** @type {string[]} */
    const said = [];
    const timer = setTimeout(() => fail('was not ready in time'), READY_MILLISECONDS);
    const fail = (/** @type {string} */ what) => {
      clearTimeout(timer);
      reject(new Error(`${child.spawnargs.join(' ')} ${what}:\n${said.join('\n')}`));
    };
    child.once('error', error => fail(error.message));
    child.once('exit', code => fail(`exited with ${code}`));
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) {
        continue;
      }
      createInterface({ input: stream }).on('line', line => {
        said.push(line);
        if (isReady(line)) {
          clearTimeout(timer);
          resolve();
        }
      });
    }
  });
}

function killAll() {
  living.forEach(killGroup);
}

/** @param {ChildProcess} child */
function killGroup(child) {
  try {
    process.kill(-(/** @type {number} */ (child.pid)), 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}

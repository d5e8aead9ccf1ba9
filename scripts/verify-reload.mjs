/**
 * `npm run verify:reload`: runs `nestjs-cluster-verify` with the given arguments. Without arguments, it runs the
 * tool on the applications of this repository: Express and Fastify, with each kind of scheduling that works here.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assertReusePort } from '../build/config/reuse-port-support.js';
import { connectionsMigrate } from '../build/supervisor/node-cluster/tcp-migration.js';
import { compileFixtures } from '../test/support/compile-fixtures.mjs';
import { freePort } from '../test/support/free-port.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const application = `${root}.test-build/apps/http/configured.js`;
/** The clients. 20 reloads are the default of the tool. */
const OPTIONS = [
  '--path=/hello?ms=5',
  '--upload-path=/upload',
  '--sse-path=/ticks',
  '--ws-path=/',
  `--ws-message=${JSON.stringify({ event: 'echo', data: 1 })}`,
  '--requests=25000',
];
const given = process.argv.slice(2);

/** The exit code of the tool after an interruption. */
const INTERRUPTED = 130;

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} the exit code
 */
async function verify(args, env = {}) {
  const tool = spawn(process.execPath, [`${root}dist/cli/verify/main.js`, ...args], {
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  const forward = () => tool.kill('SIGTERM');
  process.on('SIGINT', waitForTheTool);
  process.on('SIGTERM', forward);
  const [code] = await once(tool, 'close');
  process.off('SIGINT', waitForTheTool);
  process.off('SIGTERM', forward);
  return code ?? 1;
}

/** The tool ends the application first. The terminal has already sent SIGINT to the tool. */
function waitForTheTool() {}

/** Why this kind of scheduling does not work here, if it does not. */
function whyNotReusePort() {
  try {
    assertReusePort(process.versions.node, process.platform);
  } catch {
    return `it needs Node 22.12 or later, and Linux (${process.version}, ${process.platform})`;
  }
  return connectionsMigrate(readFileSync)
    ? undefined
    : 'the kernel would reset the connections in the queue of a leaving worker: sysctl -w net.ipv4.tcp_migrate_req=1';
}

async function verifyOurs() {
  await compileFixtures();
  const missing = whyNotReusePort();
  const policies = ['round-robin', 'shared', ...(missing === undefined ? ['reuse-port'] : [])];
  let worst = 0;
  for (const adapter of ['express', 'fastify']) {
    for (const scheduling of policies) {
      const port = await freePort();
      console.log(`\n${adapter}, ${scheduling}\n`);
      const status = await verify(
        [...OPTIONS, '--url', `http://127.0.0.1:${port}`, '--', process.execPath, application],
        {
          PORT: String(port),
          CLUSTER_WORKERS: '2',
          CLUSTER_SCHEDULING: scheduling,
          FIXTURE: JSON.stringify({ fastify: adapter === 'fastify', webSockets: true }),
        },
      );
      worst = Math.max(worst, status);
      if (status === INTERRUPTED) {
        return status;
      }
    }
  }
  if (missing !== undefined) {
    console.log(`\nreuse-port is omitted: ${missing}`);
  }
  return worst;
}

process.exitCode = given.length > 0 ? await verify(given) : await verifyOurs();

/**
 * `npm run verify:reload`: runs `nestjs-cluster-verify`, with the arguments that are given; without any,
 * on applications of our own: Express and Fastify, with each way of scheduling that works here.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assertReusePort } from '../dist/options/reuse-port-support.js';
import { connectionsMigrate } from '../dist/primary/tcp-migration.js';
import { compileFixtures } from '../test/support/compile-fixtures.mjs';
import { freePort } from '../test/support/free-port.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const application = `${root}.test-build/apps/http/configured.js`;
/** Which clients there are; 20 reloads are the tool's default. */
const OPTIONS = [
  '--path=/hello?ms=5',
  '--upload-path=/upload',
  '--sse-path=/ticks',
  '--ws-path=/',
  `--ws-message=${JSON.stringify({ event: 'echo', data: 1 })}`,
  '--requests=25000',
];
const given = process.argv.slice(2);

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function verify(args, env = {}) {
  const { status } = spawnSync(process.execPath, [`${root}dist/verify/main.js`, ...args], {
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  return status ?? 1;
}

/** Why connections cannot be scheduled this way here, if they cannot. */
function whyNotReusePort() {
  try {
    assertReusePort(process.versions.node, process.platform);
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
  return connectionsMigrate(readFileSync)
    ? undefined
    : 'the kernel would lose what a leaving worker has in its queue: sysctl -w net.ipv4.tcp_migrate_req=1';
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
      const status = verify(
        [...OPTIONS, '--url', `http://127.0.0.1:${port}`, '--', process.execPath, application],
        {
          PORT: String(port),
          CLUSTER_WORKERS: '2',
          CLUSTER_SCHEDULING: scheduling,
          FIXTURE: JSON.stringify({ fastify: adapter === 'fastify', webSockets: true }),
        },
      );
      worst = Math.max(worst, status);
      if (status === 130) {
        return status;
      }
    }
  }
  if (missing !== undefined) {
    console.log(`\nreuse-port is left out: ${missing}`);
  }
  return worst;
}

process.exitCode = given.length > 0 ? verify(given) : await verifyOurs();

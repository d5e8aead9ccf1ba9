// @ts-check
/**
 * Runs Redis servers until the process that forked it ends. The channel closes when that process ends for any reason
 * (`kill -9` runs no teardown). Then this process kills all servers, including stopped ones, and deletes their
 * files.
 *
 * It first sends the path of the directory for these files. Then it takes orders to run servers.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Order
 * @property {number} id chosen by the sender; messages about the server contain it
 * @property {string} program
 * @property {string[]} args
 * @property {string} directory the working directory
 */

/**
 * @typedef {object} News
 * @property {number} id
 * @property {number} [pid] the server has started
 * @property {string} [output] output of the server
 * @property {true} [ended] the server has ended, and all of its output was sent
 */

const directory = mkdtempSync(join(tmpdir(), 'nestjs-cluster-redis-'));
/** @type {Set<import('node:child_process').ChildProcess>} */
const servers = new Set();
let leaving = false;

process.on('message', message => run(/** @type {Order} */ (message)));
process.on('disconnect', leave);
// Ctrl-C reaches the whole process group. This process ends last, and deletes the files.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, leave);
}
tell(directory);

/** @param {Order} order */
function run({ id, program, args, directory: cwd }) {
  const server = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  servers.add(server);
  if (server.pid !== undefined) {
    tell({ id, pid: server.pid });
  }
  for (const output of [server.stdout, server.stderr]) {
    output.on('data', chunk => tell({ id, output: String(chunk) }));
  }
  server.on('error', error => tell({ id, output: error.message }));
  server.on('close', () => {
    servers.delete(server);
    tell({ id, ended: true });
    leaveIfDone();
  });
}

/** @param {string | News} news */
function tell(news) {
  // The process that forked this one has ended.
  process.send?.(news, () => {});
}

function leave() {
  leaving = true;
  servers.forEach(server => server.kill('SIGKILL'));
  leaveIfDone();
}

function leaveIfDone() {
  if (leaving && servers.size === 0) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  }
}

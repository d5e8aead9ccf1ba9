// @ts-check
/**
 * Runs Redis servers for as long as the process that forked it lives: the channel between the two
 * closes when that process ends, whatever ended it (`kill -9` runs no teardown), and the servers,
 * stopped ones too, end with it. What they wrote goes as well.
 *
 * First it tells its directory, for the files of the servers. Then it takes orders to run them.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Order
 * @property {number} id of the sender's choice; what is told about the server carries it
 * @property {string} program
 * @property {string[]} args
 * @property {string} directory the one to run it in
 */

/**
 * @typedef {object} News
 * @property {number} id
 * @property {number} [pid] it runs
 * @property {string} [output] it says something
 * @property {true} [ended] it runs no more, and has said all that it had to say
 */

const directory = mkdtempSync(join(tmpdir(), 'nestjs-cluster-redis-'));
/** @type {Set<import('node:child_process').ChildProcess>} */
const servers = new Set();
let leaving = false;

process.on('message', message => run(/** @type {Order} */ (message)));
process.on('disconnect', leave);
// Ctrl-C is for the whole group of processes. This one leaves last, and tidies up.
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
  // Nobody listens any more when the process that forked this one is gone.
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

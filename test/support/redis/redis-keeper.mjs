// @ts-check
/**
 * Runs a Redis for as long as whoever started it lives: stdin ends when that process does, whatever
 * ended it (`kill -9` runs no teardown), and Redis ends with it. No data outlives either.
 *
 * Usage: redis-keeper.mjs <server> <port>
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [server = '', port = ''] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'nestjs-cluster-redis-'));
const redis = spawn(
  server,
  ['--bind', '127.0.0.1', '--port', port, '--save', '', '--appendonly', 'no', '--dir', directory],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);

const stop = () => redis.kill('SIGKILL');
process.stdin.resume().on('end', stop).on('error', stop);
// Ctrl-C is for the whole group of processes. This one leaves last, and tidies up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, stop);
}

redis.stdout.on('data', chunk => process.stdout.write(chunk));
process.stdout.on('error', () => {}); // nobody reads any more

redis.on('error', error => {
  process.stdout.write(`${error.message}\n`);
  leave();
});
redis.on('exit', leave);

function leave() {
  rmSync(directory, { recursive: true, force: true });
  process.stdin.destroy();
  process.exitCode = 0;
}

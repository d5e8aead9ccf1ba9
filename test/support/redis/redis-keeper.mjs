// @ts-check
/**
 * Runs a Redis server until the process that started it ends. stdin closes when that process ends for any reason
 * (`kill -9` runs no teardown), and then Redis is stopped. All data is deleted.
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
// Ctrl-C reaches the whole process group. This process ends last, and deletes the files.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, stop);
}

redis.stdout.on('data', chunk => process.stdout.write(chunk));
process.stdout.on('error', () => {}); // the output is no longer read

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

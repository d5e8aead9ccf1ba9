import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port.mjs';

/** Where packages of Debian put the programs that are not for every user. */
const DEBIAN = '/usr/lib/postgresql';

/** A PostgreSQL server with a database of its own, for one run. */
export class PostgresServer {
  private constructor(
    readonly url: string,
    readonly version: string,
    readonly stop: () => Promise<void>,
  ) {}

  /** @throws Error if no PostgreSQL is installed */
  static async start(): Promise<PostgresServer> {
    const programs = programsDirectory();
    const user = unprivilegedUser();
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-postgres-'));
    if (user) {
      await chown(directory, user.uid, user.gid);
    }
    const data = join(directory, 'data');
    const run = { ...user, cwd: directory, env: { PATH: process.env['PATH'], LC_ALL: 'C' } };
    execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'test', '-A', 'trust', '-N'], run);
    const port = await freePort();
    const options = ['-h', '127.0.0.1', '-p', String(port), '-k', directory, '-F'];
    const server = spawn(join(programs, 'postgres'), ['-D', data, ...options], {
      ...run,
      stdio: 'ignore',
    });
    const exited = once(server, 'exit');
    const url = `postgres://test@127.0.0.1:${port}/postgres`;
    const stop = async (): Promise<void> => {
      server.kill('SIGINT');
      await exited;
      await rm(directory, { recursive: true });
    };
    return new PostgresServer(url, await versionOf(url, exited), stop);
  }

  async query(text: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      return (await client.query(text)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }
}

function programsDirectory(): string {
  const installed = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted().toReversed() : [];
  const directories = [
    ...(process.env['TEST_POSTGRES_BIN'] ? [process.env['TEST_POSTGRES_BIN']] : []),
    ...(process.env['PATH'] ?? '').split(':'),
    ...installed.map(version => join(DEBIAN, version, 'bin')),
  ];
  const found = directories.find(
    directory => existsSync(join(directory, 'initdb')) && existsSync(join(directory, 'postgres')),
  );
  if (found === undefined) {
    throw new Error(
      'PostgreSQL is not installed. Install it (apt-get install postgresql, brew install postgresql), or set TEST_POSTGRES_BIN to the directory of initdb and postgres.',
    );
  }
  return found;
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') };
}

function idOfNobody(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}

/** Waits until the server answers. */
async function versionOf(url: string, exited: Promise<unknown>): Promise<string> {
  let hasExited = false;
  void exited.then(() => (hasExited = true));
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      return rows[0]!.server_version;
    } catch (error) {
      if (hasExited || Date.now() > deadline) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
}

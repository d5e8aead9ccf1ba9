import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../eventually.js';

const START = fileURLToPath(new URL('./private-systemd.sh', import.meta.url));

const HIERARCHIES = ['systemd', 'unified'].map(name => `/sys/fs/cgroup/${name}`);

/** A user instance of systemd that runs for a test only. Needs root, and the control groups of version 1. */
export class RealSystemd {
  readonly #directory = mkdtempSync(join(tmpdir(), 'real-systemd-'));
  readonly #group = `test-${process.pid}-${process.hrtime.bigint()}`;
  #process: ChildProcess | undefined;
  #output = '';

  static isPossible(): boolean {
    return (
      process.getuid?.() === 0 &&
      existsSync('/usr/lib/systemd/systemd') &&
      existsSync(HIERARCHIES[0]!)
    );
  }

  get output(): string {
    return this.#output;
  }

  /** @param units their texts, by name */
  async start(units: Readonly<Record<string, string>>): Promise<void> {
    const directory = join(this.#directory, 'config/systemd/user');
    mkdirSync(directory, { recursive: true });
    mkdirSync(this.#env.XDG_RUNTIME_DIR, { mode: 0o700 });
    writeFileSync(join(directory, 'test.target'), '[Unit]\nDescription=test\n');
    Object.entries(units).forEach(([name, text]) => writeFileSync(join(directory, name), text));
    const started = spawn('unshare', ['--mount', START, this.#group], {
      env: { ...this.#env, SYSTEMD_LOG_TARGET: 'console', SYSTEMD_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = started;
    const take = (chunk: Buffer): void => void (this.#output += String(chunk));
    started.stdout.on('data', take);
    started.stderr.on('data', take);
    const isOpen = (): boolean => existsSync(join(this.#env.XDG_RUNTIME_DIR, 'systemd/private'));
    await eventually(isOpen, 10_000, () => this.#output);
  }

  /** Runs `systemctl`, and returns its output. */
  async systemctl(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('systemctl', ['--user', ...args], {
      env: this.#env,
    });
    return stdout;
  }

  /** Returns properties of a unit. */
  async show(unit: string): Promise<Readonly<Record<string, string>>> {
    const text = await this.systemctl('show', unit);
    return Object.fromEntries(
      text.split('\n').map(line => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]),
    );
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (running && running.exitCode === null && running.signalCode === null) {
      await this.systemctl('exit').catch(() => running.kill('SIGKILL'));
      await once(running, 'exit');
    }
    HIERARCHIES.forEach(place => removeGroup(join(place, this.#group)));
    rmSync(this.#directory, { recursive: true });
  }

  get #env() {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.#directory,
      XDG_RUNTIME_DIR: join(this.#directory, 'run'),
      XDG_CONFIG_HOME: join(this.#directory, 'config'),
    };
  }
}

/** A control group is a directory that has files which cannot be removed. */
function removeGroup(path: string): void {
  if (existsSync(path)) {
    readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .forEach(({ name }) => removeGroup(join(path, name)));
    rmdirSync(path);
  }
}

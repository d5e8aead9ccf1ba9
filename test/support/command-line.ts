import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environmentForApplication } from './environment.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Where the output of the command goes. */
export type Output = 'pipe' | 'terminal';

/** `nestjs-cluster` in a real process. */
export class CommandLine {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;
  #wake: () => void = () => {};

  constructor(
    args: readonly string[],
    private readonly output: Output,
    env: Readonly<Record<string, string>>,
    cwd: string,
  ) {
    const [file, ...rest] =
      output === 'pipe' ? [process.execPath, MAIN, ...args] : inTerminal(args);
    this.#process = spawn(file!, rest, {
      cwd,
      env: environmentForApplication(
        output === 'pipe' ? env : { TERM: 'xterm', ...env, NO_COLOR: '' },
      ),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process.stdin?.on('error', () => {});
    for (const name of ['stdout', 'stderr'] as const) {
      this.#process[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text;
        this.#wake();
      });
    }
    this.ended = once(this.#process, 'close').then(([code]) => {
      this.#wake();
      return code as number | null;
    });
  }

  /** Everything that it has written. A terminal shows both streams. */
  get text(): string {
    return this.stdout + this.stderr;
  }

  /** Waits for a text, or rejects if the command ends first. */
  async until(condition: () => boolean): Promise<void> {
    const end = this.ended.then(() => true);
    while (!condition()) {
      const next = new Promise<boolean>(resolve => (this.#wake = () => resolve(false)));
      if ((await Promise.race([end, next])) && !condition()) {
        throw new Error(`The command has ended: ${this.text}`);
      }
    }
  }

  /** Presses keys. */
  type(keys: string): void {
    this.#process.stdin?.write(keys);
  }

  /** Ends it without notice. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    if (this.output === 'terminal') {
      this.type('\u0003');
    } else {
      this.#process.kill('SIGINT');
    }
  }
}

/** Has `script` of util-linux run the command in a pseudo-terminal. */
function inTerminal(args: readonly string[]): readonly string[] {
  if (spawnSync('script', ['--version']).status !== 0) {
    throw new Error(
      'The tests need the program script of util-linux for a pseudo-terminal: apt-get install bsdutils',
    );
  }
  const command = [process.execPath, MAIN, ...args].map(word => `'${word}'`).join(' ');
  return ['script', '--quiet', '--flush', '--return', '--command', command, '/dev/null'];
}

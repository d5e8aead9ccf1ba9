import { type ChildProcess, spawn } from 'node:child_process';

/** Seconds that workers have to drain after the primary's death, before the rest is killed. */
const GRACE = 4;

/**
 * Remembers the last line it read. When its input ends and that line is not empty, the primary has
 * died with these workers running: those that are still there after the grace are killed.
 */
const SCRIPT = `while read -r line; do pids=$line; done
for second in $(seq ${GRACE}); do
  alive=
  for pid in $pids; do kill -0 $pid 2>/dev/null && alive="$alive $pid"; done
  [ -n "$alive" ] || exit 0
  sleep 1
done
kill -KILL $alive 2>/dev/null`;

/**
 * Ends what outlives a killed primary. Workers notice the primary's death and leave on their own,
 * but not one that is blocked in synchronous code: only another process can end that. A shell that
 * waits costs under a megabyte, where a watching thread in every worker costs ten and more.
 *
 * Where there is no shell (distroless images), it does without: there, the primary is the
 * container's first process, and the system ends all others with it.
 *
 * @internal
 */
export class OrphanReaper {
  #shell: ChildProcess | undefined;
  #pids: readonly number[] = [];
  #writing: NodeJS.Immediate | undefined;

  /** These workers run now. */
  guard(pids: readonly number[]): void {
    this.#pids = pids;
    // Not at once: the first workers are being forked, and start before their guard does.
    this.#writing ??= setImmediate(() => this.#write());
  }

  /** There is nothing left to guard. */
  dismiss(): void {
    clearImmediate(this.#writing);
    this.#pids = [];
    this.#write();
  }

  #write(): void {
    this.#writing = undefined;
    this.#shell ??= startShell();
    if (this.#shell.stdin?.writable) {
      this.#shell.stdin.write(`${this.#pids.join(' ')}\n`);
    }
  }
}

function startShell(): ChildProcess {
  // Detached: a Ctrl-C for the process group is not meant for it.
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
  });
  shell.on('error', () => {});
  shell.stdin?.on('error', () => {});
  shell.unref();
  return shell;
}

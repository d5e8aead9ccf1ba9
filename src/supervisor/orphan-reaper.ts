import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, systemClock } from '../system/time/clock.js';

/** Seconds that workers have to drain after the primary's death, before the rest is killed. */
const GRACE = 4;

/** Milliseconds until a shell that has ended is followed by another one. */
const RESTART_MILLISECONDS = 1_000;

/**
 * Reads lines of process ids. When its input ends and the last line is not empty, the primary has died with
 * these workers running: those that are still there after the grace are killed. Where `sleep` fails, none is killed:
 * they may still drain.
 *
 * The system gives the id of a process that has ended to another one. So the start of each process is noted as soon
 * as its id is known, and only a process that was started then is killed. On Linux it is the 22nd field of
 * `/proc/<pid>/stat`, see proc_pid_stat(5); elsewhere `ps` tells.
 *
 * @param grace seconds
 * @param proc where the system tells about processes
 * @internal
 */
export function orphanScript(grace: number, proc = '/proc'): string {
  return `started() {
  started=
  if [ -d ${proc}/self ]; then
    stat=
    { read -r stat < ${proc}/$1/stat; } 2>/dev/null
    set -- \${stat##*)}
    [ "$1" = Z ] || started=\${20}
  else
    started=$(echo $(ps -o lstart= -p $1 2>/dev/null) | tr ' ' _)
  fi
}
guarded=
while read -r pids; do
  known="$guarded "
  guarded=
  for pid in $pids; do
    case $known in
      *" $pid@"*) rest=\${known#*" $pid@"}; guarded="$guarded $pid@\${rest%% *}" ;;
      *) started $pid; [ -n "$started" ] && guarded="$guarded $pid@$started" ;;
    esac
  done
done
for second in ${seconds(grace)}; do
  alive=
  for one in $guarded; do
    started \${one%@*}
    [ "$started" = "\${one#*@}" ] && alive="$alive \${one%@*}"
  done
  [ -n "$alive" ] || exit 0
  sleep 1 || exit 1
done
alive=
for one in $guarded; do
  started \${one%@*}
  [ "$started" = "\${one#*@}" ] && alive="$alive \${one%@*}"
done
[ -z "$alive" ] || kill -KILL $alive 2>/dev/null`;
}

/** `1 2 3`: not every system that has a shell has `seq`. */
function seconds(grace: number): string {
  return Array.from({ length: grace }, (_, second) => second + 1).join(' ');
}

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
  #isDismissed = false;
  #cancelRestart: () => void = () => {};

  /** @param onEnded called when the shell has ended, and another one is about to be started */
  constructor(
    private readonly onEnded: () => void,
    private readonly clock: Pick<Clock, 'after'> = systemClock,
    private readonly start: () => ChildProcess = startShell,
  ) {}

  /** These workers run now. */
  guard(pids: readonly number[]): void {
    this.#pids = pids;
    // Not at once: the first workers are being forked, and start before their guard does.
    this.#writing ??= setImmediate(() => this.#write());
  }

  /** There is nothing left to guard. */
  dismiss(): void {
    this.#isDismissed = true;
    this.#cancelRestart();
    clearImmediate(this.#writing);
    this.#pids = [];
    this.#write();
  }

  #write(): void {
    this.#writing = undefined;
    this.#shell ??= this.#startShell();
    if (this.#shell?.stdin?.writable) {
      this.#shell.stdin.write(`${this.#pids.join(' ')}\n`);
    }
  }

  #startShell(): ChildProcess | undefined {
    if (this.#isDismissed) {
      return undefined;
    }
    let shell: ChildProcess;
    try {
      shell = this.start();
    } catch {
      // Out of memory, for instance.
      this.#startAgain();
      return undefined;
    }
    shell.once('exit', () => this.#startAgain());
    shell.once('error', ({ code }: NodeJS.ErrnoException) => {
      // Where there is no shell, there never will be.
      if (code !== 'ENOENT' && code !== 'EACCES') {
        this.#startAgain();
      }
    });
    return shell;
  }

  #startAgain(): void {
    if (!this.#isDismissed) {
      this.onEnded();
      this.#cancelRestart();
      this.#cancelRestart = this.clock.after(RESTART_MILLISECONDS, () => {
        this.#shell = undefined;
        this.#write();
      });
    }
  }
}

/** The guard that outlives this process. @internal */
export function startShell(): ChildProcess {
  // Detached: a Ctrl-C for the process group is not meant for it.
  const shell = spawn('/bin/sh', ['-c', orphanScript(GRACE)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    // Where its commands are, and none of the secrets of this process.
    env: { PATH: process.env['PATH'] },
  });
  shell.on('error', () => {});
  shell.stdin?.on('error', () => {});
  shell.unref();
  return shell;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, systemClock } from '../system/time/clock.js';

/** Seconds that workers have to drain after the primary's death, before the remaining ones are killed. */
const GRACE = 4;

/**
 * Milliseconds until a shell that has exited is reported and started again. Tools such as the Nest CLI send a signal to
 * every process of the host, one after the other: the primary may get it next, and then stops.
 */
const RESTART_MILLISECONDS = 1_000;

/**
 * Returns a shell script that reads lines of process ids. When its input ends and the last line is not empty, the
 * primary has died while these workers were running: the script waits for the grace period, and then kills the
 * workers that are left. If `sleep` fails, it kills none, because they may still drain.
 *
 * The system can reuse the id of a process that has ended. So the script records the start time of each process as
 * soon as it knows its id, and kills only a process with that start time. On Linux the start time is the 22nd field
 * of `/proc/<pid>/stat`, see proc_pid_stat(5); elsewhere it comes from `ps`.
 *
 * @param grace seconds
 * @param proc where the system has information on processes
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

/** Returns `1 2 3`; `seq` does not exist on every system with a shell. */
function seconds(grace: number): string {
  return Array.from({ length: grace }, (_, second) => second + 1).join(' ');
}

/**
 * Kills workers that outlive a killed primary. Workers notice the primary's death and exit by themselves, unless
 * they are blocked in synchronous code: only another process can end those. A waiting shell takes less than 1 MB,
 * where a watching thread in every worker would take more than 10 MB each.
 *
 * Without a shell (distroless images) there is no reaper. In such a container the primary is the first process, and
 * the kernel kills all others together with it.
 *
 * @internal
 */
export class OrphanReaper {
  #shell: ChildProcess | undefined;
  #pids: readonly number[] = [];
  #writing: NodeJS.Immediate | undefined;
  /** Whether further shells may be started. */
  #mayStart = true;
  #cancelRestart: () => void = () => {};

  /**
   * @param onEnded called when the shell has exited and the host does not stop, before another one is started
   */
  constructor(
    private readonly onEnded: () => void,
    private readonly clock: Pick<Clock, 'after'> = systemClock,
    private readonly start: () => ChildProcess = startShell,
  ) {}

  /** Sets the workers that run now. */
  watch(pids: readonly number[]): void {
    this.#pids = pids;
    // Not at once: the first workers are being forked, and start before the shell does.
    this.#writing ??= setImmediate(() => this.#write());
  }

  /** Notes that the host stops: the shell guards the workers that are left, but is not started again. */
  stopping(): void {
    this.#mayStart = false;
    this.#cancelRestart();
  }

  /** Ends the shell, because no workers are left. */
  dismiss(): void {
    this.stopping();
    clearImmediate(this.#writing);
    if (this.#shell?.stdin?.writable) {
      // The empty line tells it that there are no workers.
      this.#shell.stdin.end('\n');
    }
  }

  #write(): void {
    this.#writing = undefined;
    this.#shell ??= this.#startShell();
    if (this.#shell?.stdin?.writable) {
      this.#shell.stdin.write(`${this.#pids.join(' ')}\n`);
    }
  }

  #startShell(): ChildProcess | undefined {
    if (!this.#mayStart) {
      return undefined;
    }
    let shell: ChildProcess;
    try {
      shell = this.start();
    } catch {
      // For example out of memory.
      this.#startAgain();
      return undefined;
    }
    shell.once('exit', () => this.#startAgain());
    shell.once('error', ({ code }: NodeJS.ErrnoException) => {
      // If there is no shell now, there will be none later.
      if (code !== 'ENOENT' && code !== 'EACCES') {
        this.#startAgain();
      }
    });
    return shell;
  }

  #startAgain(): void {
    if (this.#mayStart) {
      this.#cancelRestart();
      this.#cancelRestart = this.clock.after(RESTART_MILLISECONDS, () => {
        this.onEnded();
        this.#shell = undefined;
        this.#write();
      });
    }
  }
}

/** Starts the shell, which outlives this process. @internal */
export function startShell(): ChildProcess {
  // Detached, so that Ctrl-C, which goes to the process group, does not end it.
  const shell = spawn('/bin/sh', ['-c', orphanScript(GRACE)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    // It needs to find its commands, but no secrets of this process.
    env: { PATH: process.env['PATH'] },
  });
  shell.on('error', () => {});
  shell.stdin?.on('error', () => {});
  shell.unref();
  return shell;
}

import { logAs, logLabel } from '../../bootstrap/cluster-log-fields.js';
import { seal } from '../../ipc/envelope.js';
import { ownHello } from '../../ipc/protocol-version.js';
import type { BootFailure } from '../../ipc/supervision.protocol.js';
import { holdHttpServers } from '../../drain/http/http-servers.js';
import { QUIET_BOOT_VARIABLE, SOCKET_FILES_VARIABLE } from '../../model/internal-variables.js';
import { labelConsoleLines } from '../../nest/label-console-lines.js';
import { takeAnyDebugPort } from '../../system/process/debug-port.js';
import { guardSocketFiles, socketFilesIn } from '../socket-file-guard.js';
import { type StandardOutput, standardOutput } from '../standard-output.js';
import { takeSlot } from '../take-slot.js';
import { BootWatch } from './boot-watch.js';
import { checkProtocol } from './check-protocol.js';
import { QuietBoot } from './quiet-boot.js';

/** What a worker has before its runtime is loaded. @internal */
export interface PreparedWorker {
  readonly output: StandardOutput;
  readonly quietBoot: QuietBoot;
  readonly bootWatch: BootWatch;
}

let prepared: PreparedWorker | undefined;

/**
 * Prepares this worker when `forRoot()` is called, which the import of `AppModule` does. The runtime is loaded
 * asynchronously. This is what cannot wait for it: the output and its labels, the report of an error that ends the
 * worker, and the guard of socket files. HTTP servers wait, because the runtime must know them.
 *
 * @internal
 */
export function prepareWorker(): PreparedWorker {
  prepared ??= prepare();
  return prepared;
}

function prepare(): PreparedWorker {
  checkProtocol();
  takeAnyDebugPort();
  takeSlot(Number(process.env['CLUSTER_SLOT']));
  // First, so that no output can be lost.
  const output = standardOutput();
  logAs('worker');
  labelConsoleLines(logLabel);
  guardSocketFiles(socketFilesIn(process.env[SOCKET_FILES_VARIABLE]));
  holdHttpServers();
  const quietBoot = beQuiet();
  const bootWatch = new BootWatch(failure => {
    // A port that is in use needs no context: the line of the primary explains it.
    quietBoot[failure.address ? 'end' : 'release']();
  }, sendAtOnce);
  return { output, quietBoot, bootWatch };
}

/** Holds back Nest's boot lines, if another worker logs them. */
function beQuiet(): QuietBoot {
  const quietBoot = new QuietBoot(Number(process.env[QUIET_BOOT_VARIABLE]));
  // Child processes of the application must not inherit it.
  delete process.env[QUIET_BOOT_VARIABLE];
  // A worker that exits before the boot has ended has failed.
  process.once('exit', () => quietBoot.release());
  return quietBoot;
}

/** Sends the first message of a worker together with the report, because there is no channel yet. */
function sendAtOnce(failure: BootFailure): void {
  const packets = [{ hello: ownHello() }, { message: { type: 'bootFailed', failure } }];
  process.send?.(seal(packets), undefined, undefined, () => {});
}

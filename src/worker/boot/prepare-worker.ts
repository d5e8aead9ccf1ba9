import { logAs, logLabel } from '../../bootstrap/cluster-log-fields.js';
import { seal } from '../../ipc/envelope.js';
import { ownHello } from '../../ipc/protocol-version.js';
import type { BootFailure } from '../../ipc/supervision.protocol.js';
import { QUIET_BOOT_VARIABLE } from '../../model/internal-variables.js';
import { labelConsoleLines } from '../../nest/label-console-lines.js';
import { takeAnyDebugPort } from '../../system/process/debug-port.js';
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
  /** Reports to the primary why the boot fails. The runtime replaces it. */
  report: (failure: BootFailure) => void;
}

let prepared: PreparedWorker | undefined;

/**
 * Prepares this worker when the package is imported: its output, its log lines, and the report of an error that ends
 * it. The runtime, which does everything else, is loaded asynchronously.
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
  const quietBoot = beQuiet();
  const bootWatch = new BootWatch(failure => {
    // A port that is in use needs no context: the line of the primary explains it.
    quietBoot[failure.address ? 'end' : 'release']();
    worker.report(failure);
  });
  const worker: PreparedWorker = { output, quietBoot, bootWatch, report: sendAtOnce };
  return worker;
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

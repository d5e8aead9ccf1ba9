import { exitProcess } from '../../system/process/exit.js';
import { ownHello, PROTOCOL_VARIABLE, PROTOCOL_VERSION } from '../../ipc/protocol-version.js';
import { workerMessages } from '../../runtime/runtime.messages.js';

/**
 * Ends this worker if its primary has another version of the protocol, because the package was updated while the
 * primary was running. A primary that is older than protocol versions has none. The boot then fails, so a reload
 * keeps the old workers.
 *
 * @internal
 */
export function checkProtocol(): void {
  const protocol = process.env[PROTOCOL_VARIABLE];
  if (protocol !== String(PROTOCOL_VERSION)) {
    process.stderr.write(`${workerMessages.incompatible(process.ppid, protocol, ownHello())}\n`);
    exitProcess(1);
  }
}

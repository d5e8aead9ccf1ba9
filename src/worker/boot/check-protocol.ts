import { exitProcess } from '../../system/process/exit.js';
import { ownHello, PROTOCOL_VARIABLE, PROTOCOL_VERSION } from '../../ipc/protocol-version.js';
import { workerMessages } from '../../runtime/runtime.messages.js';

/**
 * Ends this worker if its primary has another version of the protocol: it was installed while the primary ran. A
 * primary that is older than the versions tells none. The boot has failed then, so that a reload leaves the
 * workers that there are.
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

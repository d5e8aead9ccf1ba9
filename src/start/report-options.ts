import { isWorker } from '../bootstrap/current-role.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { seal } from '../ipc/envelope.js';
import { ownHello } from '../ipc/protocol-version.js';
import { OPTIONS_VARIABLE } from '../model/internal-variables.js';
import { currentFactoryCall } from '../nest/factory-call.js';
import { exitProcess } from '../system/process/exit.js';
import { loggingInUse } from './logging-in-use.js';
import { type OptionsReport, reportOf } from './options-data.js';

/**
 * Reports the options to a primary that does not load the application, if this worker is the one that it waits for. If
 * they cannot be reported as data, this worker exits, and the primary loads the application itself.
 *
 * An application context that does not run on workers may be a script, whose work is done in the process that was
 * started.
 *
 * @internal
 */
export async function reportOptions(resolve: () => ResolvedClusterOptions): Promise<void> {
  if (process.env[OPTIONS_VARIABLE] !== '1' || !isWorker()) {
    return;
  }
  const options = resolve();
  // Child processes of the application must not inherit it.
  delete process.env[OPTIONS_VARIABLE];
  const isContext = currentFactoryCall()?.method === 'createApplicationContext';
  const report: OptionsReport =
    isContext && options.contexts === 'single'
      ? { type: 'unsuitable', reasons: ['it creates an application context'] }
      : reportOf(options, loggingInUse(options.logger));
  await send([{ hello: ownHello() }, { message: report }]);
  if (report.type === 'unsuitable') {
    exitProcess(0);
  }
}

/** Resolves when the packets are written, or cannot be written any more. */
function send(packets: Parameters<typeof seal>[0]): Promise<void> {
  return new Promise(written => {
    process.send!(seal(packets), undefined, undefined, () => written());
  });
}

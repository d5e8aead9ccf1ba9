import cluster from 'node:cluster';
import { accessSync, constants as modes, existsSync } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';
import nodeModule from 'node:module';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { hasOwnListener } from '../bootstrap/early-signals.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { hasLifecycleSubscribers } from '../model/events/lifecycle-channel.js';
import { PRIMARY_OPTIONS_VARIABLE } from '../model/internal-variables.js';
import { OWN_CODE } from '../system/own-package.js';
import { onceMarks } from '../state/once-marks.js';
import { launchVariables } from '../system/process/launch-variables.js';
import { printableError } from '../system/text/printable.js';
import { execObstacles, type ExecFacts } from './exec-obstacles.js';
import { loggingInUse } from './logging-in-use.js';
import { reportOf } from './options-data.js';
import { hasPassedOptions, passOptions } from './primary-options.js';
import { startMessages } from './start.messages.js';

/** The parts of `node:process` and `node:module` that the types of Node 20 do not have. */
interface NewProcess {
  readonly execve?: (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never;
}
interface NewModule {
  readonly getCompileCacheDir?: () => string | undefined;
}

/** Process events of which a listener may expect to be called in this process. */
const EVENTS = [
  'beforeExit',
  'exit',
  'uncaughtException',
  'uncaughtExceptionMonitor',
  'unhandledRejection',
] as const;

/** The program of a primary that does not load the application. */
const PROGRAM = OWN_CODE && fileURLToPath(new URL('light-primary.js', OWN_CODE));

/**
 * Replaces the program of this process by one that has loaded neither the application nor Nest, and supervises the
 * workers with the same options. The process keeps its id, working directory, environment and output.
 *
 * Node has `process.execve()` since 22.15. https://nodejs.org/api/process.html#processexecvefile-args-env
 *
 * @returns only if the program cannot be replaced. A log line then has the reasons.
 * @internal
 */
export function execPrimary(options: ResolvedClusterOptions): void {
  // Prints the lines that Nest has buffered. They are lost when the program is replaced.
  Logger.flush();
  const reasons = replaceProgram(options);
  new Logger('Cluster').warn(startMessages.keepsApplication(reasons));
}

/** @returns why the program was not replaced */
function replaceProgram(options: ResolvedClusterOptions): readonly string[] {
  const { execve } = process as NewProcess;
  if (!execve || process.platform === 'win32') {
    return ['process.execve() is missing (Node 22.15 and later have it, but not on Windows)'];
  }
  if (PROGRAM === undefined || !existsSync(PROGRAM)) {
    return ['nestjs-cluster is part of a bundle'];
  }
  const report = reportOf(options, loggingInUse(options.logger));
  if (report.type === 'unsuitable') {
    return report.reasons;
  }
  try {
    const passed = {
      options: report.options,
      launchVariables: [...launchVariables()],
      once: [...onceMarks().values()],
    };
    const env = { ...process.env, [PRIMARY_OPTIONS_VARIABLE]: passOptions(passed, process.pid) };
    const obstacles = execObstacles(factsWith(env));
    // A call with a missing file ends the process.
    accessSync(process.execPath, modes.X_OK);
    return obstacles.length > 0
      ? obstacles
      : execve(
          process.execPath,
          [process.execPath, ...process.execArgv, PROGRAM, ...process.argv.slice(1)],
          env,
        );
  } catch (error) {
    return [printableError(error)];
  }
}

function factsWith(env: NodeJS.ProcessEnv): ExecFacts {
  const outputs = [process.stdout, process.stderr];
  const compileCache = (nodeModule as NewModule).getCompileCacheDir?.();
  const events = EVENTS.filter(event => process.listenerCount(event) > 0);
  return {
    main: process.argv[1],
    isReplaced: hasPassedOptions(process.env, process.pid),
    resources: process.getActiveResourcesInfo(),
    outputs: outputs.filter(stream => stream instanceof Socket).length,
    isWritten: outputs.every(stream => stream.writableLength === 0),
    isOutputPatched: outputs.some(stream => Object.hasOwn(stream, 'write')),
    listenedTo: [
      ...events,
      ...(process.hasUncaughtExceptionCaptureCallback() ? ['uncaughtException'] : []),
      ...Object.keys(constants.signals).filter(name => hasOwnListener(name as NodeJS.Signals)),
    ],
    hasSubscribers: hasLifecycleSubscribers(),
    usesCluster: cluster.eventNames().length > 0 || Object.keys(cluster.settings).length > 0,
    hasOwnCompileCache: compileCache !== undefined && !env['NODE_COMPILE_CACHE'],
    hasChannel: process.channel !== undefined,
    isInspected: inspectorUrl() !== undefined,
    env,
  };
}

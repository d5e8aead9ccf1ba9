import { logAs } from '../bootstrap/cluster-log-fields.js';
import { runPrimary } from '../supervisor/run-primary.js';
import { onceMarks } from '../state/once-marks.js';
import { useLaunchVariables } from '../system/process/launch-variables.js';
import { ConsoleHostLogger } from './console-host-logger.js';
import { optionsFrom } from './options.protocol.js';
import { takePassedOptions } from './primary-options.js';

/** Supervises the workers of an application that an earlier program of this process has loaded. @internal */
export function supervise(): void {
  // As if Node had been started with the main file, which the workers run.
  process.argv.splice(1, 1);
  const passed = takePassedOptions(process.env, process.pid);
  useLaunchVariables(passed.launchVariables);
  passed.once.forEach(mark => onceMarks().set(mark.key, mark));
  const { options, logging } = optionsFrom(passed.options);
  logAs('primary');
  runPrimary(options, new ConsoleHostLogger(logging));
}

import { PRIMARY_OPTIONS_VARIABLE } from '../model/internal-variables.js';
import type { OnceMark } from '../state/once-marks.js';
import type { OptionsData } from './options-data.js';
import { optionsProtocol } from './options.protocol.js';

/** What a primary that has loaded the application passes to the program that replaces it. @internal */
export interface PassedOptions {
  readonly options: OptionsData;
  /** The names of the environment variables with which the process was started. */
  readonly launchVariables: readonly string[];
  /** The tasks of `clusterOnce()` that are done. */
  readonly once: readonly OnceMark[];
}

/**
 * Returns the value of the variable: the id of the process, which stays, and the options as JSON. Other processes may
 * inherit the variable.
 *
 * @throws Error if {@link takePassedOptions} would not take it
 * @internal
 */
export function passOptions(options: PassedOptions, pid: number): string {
  const text = JSON.stringify(options);
  parse(text);
  return `${pid}:${text}`;
}

/** Whether the program of this process has replaced that of a primary. @internal */
export function hasPassedOptions(env: NodeJS.ProcessEnv, pid: number): boolean {
  return env[PRIMARY_OPTIONS_VARIABLE]?.startsWith(`${pid}:`) ?? false;
}

/**
 * Takes the options out of the environment, so that child processes do not inherit them.
 *
 * @throws Error if they were not passed to this process by this version of the package
 * @internal
 */
export function takePassedOptions(env: NodeJS.ProcessEnv, pid: number): PassedOptions {
  const value = hasPassedOptions(env, pid) ? env[PRIMARY_OPTIONS_VARIABLE]! : '';
  delete env[PRIMARY_OPTIONS_VARIABLE];
  return parse(value.slice(`${pid}:`.length) || 'null');
}

function parse(text: string): PassedOptions {
  const passed = JSON.parse(text) as PassedOptions | null;
  const { toPrimary } = optionsProtocol;
  const mismatch =
    toPrimary.options({ type: 'options', options: passed?.options }) ??
    toPrimary.once({ type: 'once', marks: passed?.once });
  if (!passed || mismatch !== undefined) {
    throw new Error(
      `${PRIMARY_OPTIONS_VARIABLE} is invalid. Only nestjs-cluster sets it. Unset it, and start the application again.`,
    );
  }
  return passed;
}

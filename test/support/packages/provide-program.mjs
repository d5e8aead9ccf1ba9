// @ts-check
import { packageMachine } from './package-machine.mjs';
import {
  INSTALL_FAILED,
  INSTALLED_BUT_MISSING,
  INSTALLING,
  NO_PROGRAM,
} from './program.messages.mjs';

/** @typedef {import('./needed-program.interface.js').NeededProgram} NeededProgram */

/**
 * The parts of the machine that the function below uses, so that it can be tested with a fake.
 *
 * @typedef {object} PackageMachine
 * @property {(name: string) => string | undefined} find finds a program on the PATH, or by its absolute path
 * @property {(program: NeededProgram) => import('./installer.mjs').Installer | undefined} installer
 * @property {(text: string) => void} say
 */

/**
 * Returns a program that the tests need: an existing one, else one that it installs.
 *
 * @param {NeededProgram} program
 * @param {PackageMachine} machine
 * @returns {string} its path
 */
export function provideProgram(program, machine = packageMachine) {
  return findProgram(program, machine) ?? install(program, machine);
}

/**
 * @param {NeededProgram} program
 * @param {Pick<PackageMachine, 'find'>} machine
 * @returns {string | undefined} its path, if it exists
 */
export function findProgram({ names }, machine = packageMachine) {
  return names.map(name => machine.find(name)).find(path => path !== undefined);
}

/**
 * @param {NeededProgram} program
 * @param {PackageMachine} machine
 */
function install(program, machine) {
  const installer = machine.installer(program);
  if (!installer) {
    throw new Error(NO_PROGRAM(program));
  }
  machine.say(INSTALLING(program, installer.command));
  try {
    installer.install();
  } catch (error) {
    throw new Error(INSTALL_FAILED(program, installer.command, error), { cause: error });
  }
  const path = findProgram(program, machine);
  if (!path) {
    throw new Error(INSTALLED_BUT_MISSING(program, installer.command));
  }
  return path;
}

// @ts-check

/** @typedef {import('./needed-program.interface.js').NeededProgram} NeededProgram */

/** @param {NeededProgram} program */
export const NO_PROGRAM = ({ what, names, variable, whatToDo }) =>
  `These tests need ${what} and found none.
${variable} is not set, there is ${noneOf(names)}, and none can be installed automatically: this requires
apt-get as root (or with a sudo that asks for no password), or Homebrew.
${whatToDo}`;

/** @type {(program: NeededProgram, command: string) => string} */
export const INSTALLING = ({ what }, command) =>
  `These tests need ${what} and found none on this machine. Installing it now: ${command}`;

/** @type {(program: NeededProgram, command: string, error: unknown) => string} */
export const INSTALL_FAILED = ({ what, whatToDo }, command, error) =>
  `These tests need ${what}, and its installation failed.
${command}
${error instanceof Error ? error.message : String(error)}
${whatToDo}`;

/** @type {(program: NeededProgram, command: string) => string} */
export const INSTALLED_BUT_MISSING = ({ what, names, whatToDo }, command) =>
  `These tests need ${what}. "${command}" succeeded, but there is still ${noneOf(names)}.
${whatToDo}`;

/** @param {readonly string[]} names */
function noneOf(names) {
  const commands = names.filter(name => !name.includes('/'));
  return `no ${commands.join(' and no ')} on the PATH`;
}

// @ts-check

/** @typedef {import('./needed-program.interface.js').NeededProgram} NeededProgram */

/** @param {NeededProgram} program */
export const NO_PROGRAM = ({ what, names, variable, whatToDo }) =>
  `These tests need ${what} and found none.
${variable} is not set, there is ${noneOf(names)}, and none can be installed from here: that takes
apt-get as root (or with a sudo that asks no password), or Homebrew.
${whatToDo}`;

/** @type {(program: NeededProgram, command: string) => string} */
export const INSTALLING = ({ what }, command) =>
  `These tests need ${what} and found none on this machine. Installing it now: ${command}`;

/** @type {(program: NeededProgram, command: string, error: unknown) => string} */
export const INSTALL_FAILED = ({ what, whatToDo }, command, error) =>
  `These tests need ${what}, and installing it did not work.
${command}
${error instanceof Error ? error.message : String(error)}
${whatToDo}`;

/** @type {(program: NeededProgram, command: string) => string} */
export const INSTALLED_BUT_MISSING = ({ what, names, whatToDo }, command) =>
  `These tests need ${what}. "${command}" ended well, and yet there is ${noneOf(names)}.
${whatToDo}`;

/** @param {readonly string[]} names */
function noneOf(names) {
  const commands = names.filter(name => !name.includes('/'));
  return `no ${commands.join(' and no ')} on the PATH`;
}

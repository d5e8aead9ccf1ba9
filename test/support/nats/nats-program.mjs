// @ts-check

/** @type {import('../packages/needed-program.interface.js').NeededProgram} */
export const NATS_SERVER = {
  what: 'a NATS server',
  names: ['nats-server', '/usr/sbin/nats-server'],
  apt: 'nats-server',
  brew: ['nats-server'],
  variable: 'PATH',
  whatToDo: 'Put nats-server into a directory of the PATH: https://github.com/nats-io/nats-server',
};

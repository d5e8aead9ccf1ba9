import type { ControlHello } from '../control/control-messages.js';
import { printable } from '../system/text/printable.js';
import type { HostChoice } from './host/choose-host.js';
import { duration } from './output/format.js';

type Named = Pick<ControlHello, 'name' | 'pid' | 'version' | 'directories'>;

const describe = ({ name, pid, directories }: Named): string =>
  `  --pid ${pid}  ${printable(name)}, started in ${printable(directories[0] ?? '?', 4_096)}`;

const listed = (hosts: readonly Named[]): string => hosts.map(describe).join('\n');

const meant = ({ name, pid }: HostChoice, [place = '']: readonly string[]): string => {
  const by = [
    ...(name === undefined ? [] : [`the name ${printable(name)}`]),
    ...(pid === undefined ? [] : [`the process id ${pid}`]),
  ];
  return by.length > 0 ? `with ${by.join(' and ')}` : `of the application in ${place}`;
};

/** The messages of the command line. @internal */
export const cliMessages = {
  noHost: (
    choice: HostChoice,
    places: readonly string[],
    hosts: readonly Named[],
    problems: readonly string[],
    directories: readonly string[],
  ) =>
    [
      ...problems,
      `No host ${meant(choice, places)} ${problems.length > 0 ? 'answered' : 'was found'}.`,
      ...(hosts.length > 0
        ? ['Choose one of the hosts that run, with --name or --pid:', listed(hosts)]
        : []),
      ...(hosts.length === 0 && problems.length === 0
        ? [
            `No control socket is in ${directories.join(' or ')}. Run this command as the user of the host. ` +
              'If the host has the option control, name its directory with --control.',
          ]
        : []),
    ].join('\n'),
  severalHosts: (hosts: readonly Named[]) =>
    ['Several hosts match. Choose one of them with --pid:', listed(hosts)].join('\n'),
  unusableDirectory: (directory: string, why: string) => `${directory} ${why}.`,
  silent: (path: string, timeout: number) =>
    `The host at ${path} did not answer within ${duration(timeout)}: its event loop is blocked, or it is suspended.`,
  noAnswer: () => 'The host does not answer: its event loop is blocked, or it is suspended.',
  unreachable: (why: string) => `The host cannot be reached: ${printable(why)}`,
  hostGone: () => 'The host has ended, or has closed the connection.',
  tooLong: () => 'The host sent a reply that is too long.',
  notAHost: () => 'This is not the control socket of a host.',
  otherProtocol: ({ version, protocol }: ControlHello) =>
    `The host runs nestjs-cluster ${printable(version)}, which has another protocol (${protocol}). Use its command: npx nestjs-cluster@${printable(version)}`,
  invalidValue: (why: string) => `The host sent something unexpected: ${why}`,
  unknownCommand: (name: string, near: readonly string[]) =>
    `Unknown command "${printable(name)}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`,
  unknownShell: (shell: string, shells: readonly string[]) =>
    `There is no completion for the shell "${printable(shell)}", only for ${shells.join(', ')}.`,
  missingArgument: (name: string) => `The argument <${name}> is missing.`,
  surplusArgument: (value: string) => `Unexpected argument "${printable(value)}".`,
  onlyWithAll: (option: string) => `${option} is an option of reload --all.`,
  notPositive: (option: string) => `${option} must be at least 1.`,
  tooLarge: (option: string, maximum: number) => `${option} must be at most ${maximum}.`,
  notWorkers: (option: string, value: string, maximum: number) =>
    `${option} must be 'auto' or a whole number from 0 to ${maximum}, but got "${printable(value)}".`,
  notANumber: (option: string, value: string) =>
    `${option} must be a whole number, but got "${printable(value)}".`,
};

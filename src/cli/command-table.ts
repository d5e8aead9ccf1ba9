/** An option of a command. @internal */
export interface OptionSpec {
  /** The name of its value; without, it is a switch. */
  readonly takes?: string;
  readonly help: string;
}

/** An argument of a command. @internal */
export interface ArgumentSpec {
  readonly name: string;
  readonly isOptional?: boolean;
}

/** A command. @internal */
export interface CommandSpec {
  readonly summary: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Whether it needs a running host, and has the options that choose one. */
  readonly needsHost?: boolean;
  /** What its help says beside the summary. */
  readonly details?: string;
}

/** The options of all commands that need a host. @internal */
export const HOST_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  name: { takes: 'name', help: 'the host of this application (its namespace)' },
  pid: { takes: 'pid', help: 'the host with this process id' },
  control: { takes: 'directory', help: 'the directory of the control sockets' },
  json: { help: 'print JSON' },
};

const all: OptionSpec = { help: 'all hosts of the namespace; needs Redis' };

const slot: ArgumentSpec = { name: 'slot' };

const output = { output: { takes: 'file', help: 'the file, which must not exist' } };

/** All commands, in the order in which the help has them. @internal */
export const COMMANDS = {
  start: {
    summary: 'run an application; the primary does not load it',
    args: [{ name: 'main file' }],
    options: { workers: { takes: 'number', help: 'the number of workers, as CLUSTER_WORKERS' } },
    details: 'Everything after the main file belongs to the application.',
  },
  status: {
    summary: 'show the workers, or all hosts',
    needsHost: true,
    options: { all },
  },
  top: {
    summary: 'show the workers live',
    needsHost: true,
    options: {
      interval: { takes: 'seconds', help: 'the time between two updates (1)' },
      count: { takes: 'number', help: 'end after this number of updates' },
    },
  },
  events: { summary: 'show what happens to the workers from now on', needsHost: true },
  logs: {
    summary: 'show the last output of the workers, and what follows',
    needsHost: true,
    args: [{ ...slot, isOptional: true }],
    options: { 'no-follow': { help: 'end after what was written before' } },
  },
  reload: {
    summary: 'replace all workers, new before old, and wait until it is done',
    needsHost: true,
    options: {
      all,
      'max-unavailable': {
        takes: 'number',
        help: 'with --all: how many hosts reload at the same time (1)',
      },
    },
  },
  scale: {
    summary: 'change the number of workers',
    needsHost: true,
    args: [{ name: 'n|+n|-n' }],
  },
  restart: { summary: 'replace one worker, new before old', needsHost: true, args: [slot] },
  stop: { summary: 'drain all workers, stop the host, and wait until it is done', needsHost: true },
  jobs: { summary: 'show the scheduled jobs', needsHost: true },
  doctor: { summary: 'show what does not work with several workers', needsHost: true },
  metrics: { summary: 'print the metrics of all workers for Prometheus', needsHost: true },
  trace: {
    summary: 'show what a worker runs at the moment, even if it is blocked',
    needsHost: true,
    args: [slot],
  },
  cpu: {
    summary: 'write a CPU profile of a worker, even if it is blocked',
    needsHost: true,
    args: [slot],
    options: { seconds: { takes: 'number', help: 'how long to profile (10)' }, ...output },
  },
  heap: {
    summary: 'write a heap snapshot of a worker, which blocks it meanwhile',
    needsHost: true,
    args: [slot],
    options: output,
  },
  inspect: {
    summary: 'open the inspector of a worker for a debugger on this machine, until Ctrl-C',
    needsHost: true,
    args: [slot],
    options: { minutes: { takes: 'number', help: 'close it after this time (30)' } },
  },
  verify: {
    summary: 'reload an application under load, and count lost requests',
    details: 'Its options: nestjs-cluster verify --help',
  },
  completion: {
    summary: 'print a script that completes commands and options',
    args: [{ name: 'bash|zsh|fish' }],
  },
  help: { summary: 'show the help of a command', args: [{ name: 'command', isOptional: true }] },
} as const satisfies Readonly<Record<string, CommandSpec>>;

/** @internal */
export type CommandName = keyof typeof COMMANDS;

/** @internal */
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** Returns a command. @internal */
export function specOf(name: CommandName): CommandSpec {
  return COMMANDS[name];
}

/** Returns the options of a command. @internal */
export function optionsOf(spec: CommandSpec): Readonly<Record<string, OptionSpec>> {
  return {
    ...spec.options,
    ...(spec.needsHost && HOST_OPTIONS),
    help: { help: 'show this text' },
  };
}

/** Returns whether it is the name of a command. @internal */
export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

import { describeFlags } from './settings/flags.js';

/** The output of the tool. @internal */
export const verifyMessages = {
  help: (): string =>
    [
      'Usage: nestjs-cluster verify [options] -- <command> [arguments]',
      '',
      'Starts an application that uses nestjs-cluster, puts it under load, reloads it repeatedly, and counts',
      'the outcome of every request. Exits with code 0 if no request was lost, 1 otherwise, and 2 if the',
      'arguments are invalid.',
      '',
      '  npx nestjs-cluster verify --path /health --sse-path /events -- node dist/main.js',
      '',
      ...describeFlags(),
    ].join('\n'),
  seeHelp: (): string => 'See nestjs-cluster verify --help.',
  noCommand: (): string =>
    'There is no command after "--". Give the command that starts the application, such as: -- node dist/main.js',
  noClients: (): string =>
    'At least one client must request --path: set --keep-alive or --one-shot above 0.',
  notANumber: (name: string, value: string): string =>
    `--${name} must be a whole number, 0 or more, but got "${value}".`,
  notAUrl: (value: string): string => `--url must be an http: or https: URL, but got "${value}".`,
  unreadable: (file: string, why: string): string => `--upload-file ${file} cannot be read: ${why}`,
  webSocketsNeedWs: (): string =>
    '--ws-path needs the package ws, which could not be loaded: npm install --save-dev ws',
  ended: (end: string, what: string): string => `The application ended (${end}) before ${what}.`,
  tooLate: (what: string, timeout: number): string =>
    `Timed out: it took longer than ${timeout} ms until ${what}.`,
  allReady: (): string => 'all workers were ready',
  singleProcess: (): string =>
    'The application runs in one process: there are no workers to reload. Check whether CLUSTER_WORKERS=0 or NODE_ENV=test is set.',
  fewWorkers: (): string =>
    'With one worker, --kills would close the port for a moment: set CLUSTER_WORKERS to 2 or more.',
  reloadEnded: (): string => 'a reload had started and finished',
  replaced: (): string => 'a worker had been stopped and replaced',
  killedReplaced: (): string => 'a killed worker had been replaced',
  noAnswers: (milliseconds: number): string => `No request was answered within ${milliseconds} ms.`,
  allAnswered: (): string => 'there were enough answers (--requests)',
  notConnected: (): string => 'not connected at the end',
  didNotStop: (): string => 'The application did not stop after SIGTERM, and was killed.',
  lastOutput: (text: string): string => `\nThe last output of the application:\n\n${text}`,
  interrupted: (signal: string): string => `Interrupted by ${signal}.`,
} as const;

import { describeFlags } from './settings/flags.js';

/** What the tool says. @internal */
export const verifyMessages = {
  help: (): string =>
    [
      'Usage: nestjs-cluster-verify [options] -- <command> [arguments]',
      '',
      'Starts an application that uses nestjs-cluster, puts it under load, reloads it again and again, and',
      'counts what becomes of every request. Ends with code 0 if none was lost, 1 if something was, 2 if it',
      'was called in a way that makes no sense.',
      '',
      '  npx nestjs-cluster-verify --path /health --sse-path /events -- node dist/main.js',
      '',
      ...describeFlags(),
    ].join('\n'),
  seeHelp: (): string => 'See nestjs-cluster-verify --help.',
  noCommand: (): string => 'There is no command to start, after "--".',
  noClients: (): string =>
    'At least one client has to ask for --path: --keep-alive or --one-shot must be above 0.',
  notANumber: (name: string, value: string): string =>
    `--${name} takes a whole number from 0 on, but got "${value}".`,
  notAUrl: (value: string): string => `--url takes an http: or https: URL, but got "${value}".`,
  unreadable: (file: string, why: string): string => `--upload-file ${file}: ${why}`,
  webSocketsNeedWs: (): string =>
    '--ws-path needs the package ws, which could not be loaded: npm install --save-dev ws',
  ended: (end: string, what: string): string => `The application ended (${end}) before ${what}.`,
  tooLate: (what: string, timeout: number): string => `Not within ${timeout} ms: ${what}.`,
  allReady: (): string => 'all workers were ready',
  singleProcess: (): string =>
    'The application runs in one process: there are no workers to reload. Is CLUSTER_WORKERS=0 or NODE_ENV=test set?',
  fewWorkers: (): string =>
    'With one worker, --kills would close the port for a moment: set CLUSTER_WORKERS to 2 or more.',
  reloadEnded: (): string => 'a reload had started and finished',
  replaced: (): string => 'a worker had left and been replaced',
  killedReplaced: (): string => 'a killed worker had been replaced',
  noAnswers: (milliseconds: number): string => `No answer came in ${milliseconds} ms.`,
  allAnswered: (): string => 'there were as many answers as wanted',
  notConnected: (): string => 'not connected at the end',
  didNotStop: (): string => 'The application did not stop on SIGTERM, and was killed.',
  lastOutput: (text: string): string => `\nWhat the application wrote last:\n\n${text}`,
  interrupted: (signal: string): string => `Interrupted by ${signal}.`,
} as const;

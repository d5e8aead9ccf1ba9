/** The argument, the default and the description of a flag. */
interface Flag {
  readonly takes?: string;
  readonly byDefault?: string;
  readonly help: string;
}

/**
 * The flags, in the order in which `--help` shows them.
 *
 * @internal
 */
export const FLAGS = {
  url: {
    takes: 'url',
    help: 'where the application listens; by default the address that it reports',
  },
  path: {
    takes: 'path',
    byDefault: '/',
    help: 'what keep-alive and one-shot clients request; must be answered with 2xx',
  },
  'keep-alive': { takes: 'count', byDefault: '32', help: 'clients with a keep-alive connection' },
  'one-shot': {
    takes: 'count',
    byDefault: '32',
    help: 'clients that open a new connection for each request',
  },
  pause: {
    takes: 'ms',
    byDefault: '20',
    help: 'maximum pause between requests of every other keep-alive client',
  },
  'upload-path': { takes: 'path', help: 'where slow uploads are sent, by POST' },
  uploads: { takes: 'count', byDefault: '4', help: 'clients that upload, two seconds each time' },
  'upload-type': {
    takes: 'type',
    byDefault: 'application/json',
    help: 'the content type of uploads',
  },
  'upload-file': { takes: 'file', help: 'the body of uploads; by default 64 kB of JSON' },
  'sse-path': { takes: 'path', help: 'a stream of server-sent events' },
  sse: { takes: 'count', byDefault: '8', help: 'clients connected to the event stream' },
  'ws-path': { takes: 'path', help: 'a WebSocket endpoint; needs the package ws' },
  'web-sockets': { takes: 'count', byDefault: '8', help: 'clients connected to the WebSocket' },
  'ws-message': {
    takes: 'text',
    help: 'a message that they send repeatedly, and that must be answered',
  },
  reloads: {
    takes: 'count',
    byDefault: '20',
    help: 'number of reloads, by SIGHUP to the primary',
  },
  replacements: {
    takes: 'count',
    byDefault: '0',
    help: 'number of workers to stop and replace, by SIGTERM',
  },
  kills: { takes: 'count', byDefault: '0', help: 'number of workers to kill, by SIGKILL' },
  requests: { takes: 'count', byDefault: '10000', help: 'minimum number of answered requests' },
  rest: { takes: 'ms', byDefault: '500', help: 'pause after each reload, replacement or kill' },
  patience: {
    takes: 'ms',
    byDefault: '20000',
    help: 'time after which an unanswered request counts as hung',
  },
  'boot-timeout': {
    takes: 'ms',
    byDefault: '60000',
    help: 'maximum time until workers are ready',
  },
  'reload-timeout': { takes: 'ms', byDefault: '120000', help: 'maximum time of a reload' },
  json: { help: 'print the report as JSON' },
  verbose: { help: 'show the output of the application' },
  help: { help: 'this text' },
} as const satisfies Readonly<Record<string, Flag>>;

/** @internal */
export type FlagName = keyof typeof FLAGS;

/** Returns the lines of `--help` that describe the flags. @internal */
export function describeFlags(): string[] {
  const entries = (Object.entries(FLAGS) as [string, Flag][]).map(
    ([name, { takes, byDefault, help }]) =>
      [
        `--${name}${takes === undefined ? '' : ` <${takes}>`}`,
        byDefault === undefined ? help : `${help} (${byDefault})`,
      ] as const,
  );
  const width = Math.max(...entries.map(([flag]) => flag.length));
  return entries.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`);
}

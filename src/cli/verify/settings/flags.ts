/** How a flag is called, what it takes, and what it is without being given. */
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
  url: { takes: 'url', help: 'where the application listens; without it, where it says it does' },
  path: {
    takes: 'path',
    byDefault: '/',
    help: 'what keep-alive and one-shot clients ask for; to be answered with 2xx',
  },
  'keep-alive': { takes: 'count', byDefault: '32', help: 'clients that keep their connection' },
  'one-shot': {
    takes: 'count',
    byDefault: '32',
    help: 'clients that open a connection for each request',
  },
  pause: {
    takes: 'ms',
    byDefault: '20',
    help: 'every other keep-alive client is idle for up to so long between requests',
  },
  'upload-path': { takes: 'path', help: 'where slow uploads are sent to, by POST' },
  uploads: { takes: 'count', byDefault: '4', help: 'clients that upload, two seconds each time' },
  'upload-type': {
    takes: 'type',
    byDefault: 'application/json',
    help: 'the type of what they send',
  },
  'upload-file': { takes: 'file', help: 'what they send; without it, 64 kB of JSON' },
  'sse-path': { takes: 'path', help: 'a stream of server-sent events' },
  sse: { takes: 'count', byDefault: '8', help: 'clients that stay connected to it' },
  'ws-path': { takes: 'path', help: 'a WebSocket; needs the package ws' },
  'web-sockets': { takes: 'count', byDefault: '8', help: 'clients that stay connected to it' },
  'ws-message': { takes: 'text', help: 'what they say, and want to have answered' },
  reloads: {
    takes: 'count',
    byDefault: '20',
    help: 'how often all workers are replaced, by SIGHUP to the primary',
  },
  replacements: {
    takes: 'count',
    byDefault: '0',
    help: 'how often one worker is told to leave, by SIGTERM',
  },
  kills: { takes: 'count', byDefault: '0', help: 'how often one worker is killed, by SIGKILL' },
  requests: { takes: 'count', byDefault: '10000', help: 'how many answers there have to be' },
  rest: { takes: 'ms', byDefault: '500', help: 'between two of these disturbances' },
  patience: { takes: 'ms', byDefault: '20000', help: 'a request without an answer is hung then' },
  'boot-timeout': {
    takes: 'ms',
    byDefault: '60000',
    help: 'how long workers may take to be ready',
  },
  'reload-timeout': { takes: 'ms', byDefault: '120000', help: 'how long a reload may take' },
  json: { help: 'the report as JSON' },
  verbose: { help: 'shows what the application writes' },
  help: { help: 'this text' },
} as const satisfies Readonly<Record<string, Flag>>;

/** @internal */
export type FlagName = keyof typeof FLAGS;

/** The lines of `--help` that tell about the flags. @internal */
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

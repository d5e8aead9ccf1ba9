import { parseArgs, type ParseArgsConfig } from 'node:util';
import { FLAGS, type FlagName } from './flags.js';
import type { VerifySettings } from './settings.interface.js';
import { UsageError } from '../../usage.error.js';
import { verifyMessages } from '../verify.messages.js';

type Values = Partial<Record<FlagName, string | boolean>>;

/**
 * Parses the command line.
 *
 * @returns `undefined` if help is requested
 * @throws UsageError
 * @internal
 */
export function parseArguments(args: readonly string[]): VerifySettings | undefined {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const values = read(args.slice(0, end));
  if (values.help) {
    return undefined;
  }
  const command = args.slice(end + 1);
  if (command.length === 0) {
    throw new UsageError(verifyMessages.noCommand());
  }
  const number = (name: FlagName): number => wholeNumber(name, values[name]);
  const settings: VerifySettings = {
    command,
    ...optional('url', values.url, toUrl),
    path: String(values.path),
    keepAlive: number('keep-alive'),
    oneShot: number('one-shot'),
    pause: number('pause'),
    uploads: number('uploads'),
    ...optional('uploadPath', values['upload-path'], String),
    uploadType: String(values['upload-type']),
    ...optional('uploadFile', values['upload-file'], String),
    sse: number('sse'),
    ...optional('ssePath', values['sse-path'], String),
    webSockets: number('web-sockets'),
    ...optional('wsPath', values['ws-path'], String),
    ...optional('wsMessage', values['ws-message'], String),
    reloads: number('reloads'),
    replacements: number('replacements'),
    kills: number('kills'),
    requests: number('requests'),
    rest: number('rest'),
    patience: number('patience'),
    bootTimeout: number('boot-timeout'),
    reloadTimeout: number('reload-timeout'),
    json: values.json === true,
    verbose: values.verbose === true,
  };
  if (settings.keepAlive + settings.oneShot === 0) {
    throw new UsageError(verifyMessages.noClients());
  }
  return settings;
}

function read(args: readonly string[]): Values {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, flag] of Object.entries(FLAGS)) {
    options[name] =
      'takes' in flag
        ? { type: 'string', ...('byDefault' in flag && { default: flag.byDefault }) }
        : { type: 'boolean' };
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function wholeNumber(name: string, value: string | boolean | undefined): number {
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value)) {
    throw new UsageError(verifyMessages.notANumber(name, String(value)));
  }
  return Number(value);
}

function toUrl(text: string): URL {
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    throw new UsageError(verifyMessages.notAUrl(text));
  }
  return new URL(text);
}

/** Returns an object with the property, unless its value is `undefined`. */
function optional<Name extends string, Value>(
  name: Name,
  value: string | boolean | undefined,
  convert: (text: string) => Value,
): { readonly [Key in Name]?: Value } {
  return typeof value === 'string' ? ({ [name]: convert(value) } as { [Key in Name]: Value }) : {};
}

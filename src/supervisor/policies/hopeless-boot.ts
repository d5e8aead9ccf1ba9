import { stripVTControlCharacters } from 'node:util';
import type { BootFailure } from '../../ipc/supervision.protocol.js';
import { errorLine } from '../output/output-summary.js';

/** Why the next attempt to boot would fail as the last one did. @internal */
export type HopelessReason =
  | 'port-in-use'
  | 'permission'
  | 'configuration'
  | 'missing-module'
  | 'syntax'
  | 'module-format'
  | 'providers';

/** By the codes of errors, or by the names of Nest's. */
const REASONS: ReadonlyMap<string, HopelessReason> = new Map(
  Object.entries({
    'port-in-use': ['EADDRINUSE'],
    permission: ['EACCES'],
    configuration: ['CLUSTER_CONFIG', 'ClusterConfigError'],
    'missing-module': ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'],
    syntax: ['MODULE_SYNTAX', 'ERR_INVALID_TYPESCRIPT_SYNTAX'],
    'module-format': [
      'ERR_REQUIRE_ESM',
      'ERR_REQUIRE_ASYNC_MODULE',
      'ERR_UNKNOWN_FILE_EXTENSION',
      'ERR_UNSUPPORTED_DIR_IMPORT',
      'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
      'ERR_DLOPEN_FAILED',
    ],
    providers: [
      'CircularDependencyException',
      'InvalidClassException',
      'InvalidClassModuleException',
      'InvalidClassScopeException',
      'InvalidEnhancerException',
      'InvalidExceptionFilterException',
      'InvalidMiddlewareConfigurationException',
      'InvalidMiddlewareException',
      'InvalidModuleException',
      'InvalidProviderException',
      'RouteConflictException',
      'UndefinedDependencyException',
      'UndefinedForwardRefException',
      'UndefinedModuleEntryException',
      'UndefinedModuleException',
      'UnknownDependenciesException',
      'UnknownElementException',
      'UnknownExportException',
      'UnknownModuleException',
      'UnknownRequestMappingException',
    ],
  } satisfies Record<HopelessReason, readonly string[]>).flatMap(([reason, codes]) =>
    codes.map(code => [code, reason as HopelessReason]),
  ),
);

/**
 * Why no further attempt to boot can help; `undefined` if one may: a database that was not up yet may be by then.
 *
 * @internal
 */
export function hopelessReason({ code }: BootFailure): HopelessReason | undefined {
  return REASONS.get(code);
}

/** The last line of what Node prints of an error that nobody has caught. */
const NODE_VERSION = /\nNode\.js v\d\S*\s*$/;

/** What Node underlines the place of an error with. */
const UNDERLINE = /^[ \t]*\^+[ \t]*$/m;

/** The beginning of what Nest's logger writes on standard error, whatever the application has it call itself. */
const RECORD = /^\[[^\]\n]+\] \d+ +- .*? (?:ERROR|FATAL) (?:\[(?<context>[^\]\n]*)\] )?/gm;

/** By whom Nest has an error printed that it ends the process for. */
const ENDS_PROCESS: readonly unknown[] = ['ExceptionHandler', 'PackageLoader'];

/**
 * What a worker has said of its end, for one that could not tell it in another way: a module that cannot be parsed
 * ends a process before any code of ours runs. An error that the application has logged itself, and handled, is not the
 * reason: only what Node and Nest print of the error that they end a process for counts.
 *
 * @returns `undefined` if it says nothing of the kind
 * @internal
 */
export function bootFailureIn(output: string): BootFailure | undefined {
  const text = stripVTControlCharacters(output);
  const error = NODE_VERSION.test(text) ? uncaughtIn(text) : fatalOfNestIn(text);
  const line = error && errorLine(error);
  if (!error || !line) {
    return undefined;
  }
  // Node and Nest print the properties of an error after its frames; those of its cause are further in.
  const rest = error.slice(Math.max(0, error.lastIndexOf(line)));
  const [, name = '', alias = ''] = /^(\w+)(?: \[(\w+)\])?:/.exec(line) ?? [];
  const candidates = [
    /^ {2}code: '(\w+)'/m.exec(rest)?.[1] ?? '',
    name,
    alias,
    ...(isOfParser(name, rest) ? ['MODULE_SYNTAX'] : []),
    // As Nest says it, without an error: "The "@nestjs/microservices" package is missing."
    ...(/^The "[^"]+" package is missing\./.test(line) ? ['MODULE_NOT_FOUND'] : []),
  ];
  const code = candidates.find(candidate => REASONS.has(candidate));
  if (code === undefined) {
    return undefined;
  }
  const address = addressIn(line);
  return { code, message: line, ...(address && { address }) };
}

function uncaughtIn(text: string): string | undefined {
  return text.replace(NODE_VERSION, '').split(UNDERLINE).at(-1);
}

function fatalOfNestIn(text: string): string | undefined {
  const last = [...text.matchAll(RECORD)].at(-1);
  return last && ENDS_PROCESS.includes(last.groups?.['context'])
    ? text.slice(last.index + last[0].length)
    : undefined;
}

/** `JSON.parse()` throws the same error, in a module that could be parsed. */
function isOfParser(name: string, rest: string): boolean {
  const firstFrame = /\n\s+at .*/.exec(rest)?.[0] ?? '';
  return name === 'SyntaxError' && /node:internal\/(modules|vm)/.test(firstFrame);
}

/** `listen EADDRINUSE: address already in use 127.0.0.1:3000`, `bind EADDRINUSE null:3000`, `… /run/app.sock`. */
function addressIn(line: string): BootFailure['address'] {
  const [, place] = /\b(?:listen|bind) (?:EADDRINUSE|EACCES)(?::[^:]*?)? (\S+)$/.exec(line) ?? [];
  if (place === undefined) {
    return undefined;
  }
  const [, host = '', port] = /^(.*):(\d+)$/.exec(place) ?? [];
  return port === undefined
    ? { address: place, port: null }
    : { address: host === 'null' ? null : host, port: Number(port) };
}

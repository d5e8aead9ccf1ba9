import { stripVTControlCharacters } from 'node:util';
import type { BootFailure } from '../../ipc/supervision.protocol.js';
import { errorLine } from '../output/output-summary.js';

/** Why the next boot would fail in the same way. @internal */
export type HopelessReason =
  | 'port-in-use'
  | 'permission'
  | 'configuration'
  | 'missing-module'
  | 'syntax'
  | 'module-format'
  | 'providers';

/** Reasons by error code, or by the name of Nest's error class. */
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
 * Returns why no further boot can succeed, or `undefined` if one may: for example, a database may be up by then.
 *
 * @internal
 */
export function hopelessReason({ code }: BootFailure): HopelessReason | undefined {
  return REASONS.get(code);
}

/** The last line that Node prints for an uncaught error. */
const NODE_VERSION = /\nNode\.js v\d\S*\s*$/;

/** The line by which Node marks the position of an error. */
const UNDERLINE = /^[ \t]*\^+[ \t]*$/m;

/** The beginning of a record of Nest's logger on standard error, whatever name the application has given it. */
const RECORD = /^\[[^\]\n]+\] \d+ +- .*? (?:ERROR|FATAL) (?:\[(?<context>[^\]\n]*)\] )?/gm;

/** The contexts in which Nest logs an error and then ends the process. */
const ENDS_PROCESS: readonly unknown[] = ['ExceptionHandler', 'PackageLoader'];

/**
 * Finds in a worker's output the error that ended it, for a worker that could not report it otherwise: a module that
 * cannot be parsed ends the process before any code of this package runs. Only errors that Node and Nest print
 * before they end the process count. An error that the application has logged and handled is not the reason.
 *
 * @returns `undefined` if there is no such error
 * @internal
 */
export function bootFailureIn(output: string): BootFailure | undefined {
  const text = stripVTControlCharacters(output);
  const error = NODE_VERSION.test(text) ? uncaughtIn(text) : fatalOfNestIn(text);
  const line = error && errorLine(error);
  if (!error || !line) {
    return undefined;
  }
  // Node and Nest print the properties of an error after its frames; those of its cause are indented further.
  const rest = error.slice(Math.max(0, error.lastIndexOf(line)));
  const [, name = '', alias = ''] = /^(\w+)(?: \[(\w+)\])?:/.exec(line) ?? [];
  const candidates = [
    /^ {2}code: '(\w+)'/m.exec(rest)?.[1] ?? '',
    name,
    alias,
    ...(isOfParser(name, rest) ? ['MODULE_SYNTAX'] : []),
    // Nest prints this without an error: "The "@nestjs/microservices" package is missing."
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

/** Whether the error is of Node's parser. `JSON.parse()` throws the same error, in a module that could be parsed. */
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

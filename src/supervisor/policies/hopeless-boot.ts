import { stripVTControlCharacters } from 'node:util';
import type { BootFailure } from '../../ipc/messages.js';
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

/**
 * What a worker has said of its end, for one that could not tell it in another way: a module that cannot be parsed
 * ends a process before any code of ours runs.
 *
 * @returns `undefined` if it says nothing of the kind
 * @internal
 */
export function bootFailureIn(output: string): BootFailure | undefined {
  const text = stripVTControlCharacters(output);
  const line = errorLine(text);
  if (line === undefined) {
    return undefined;
  }
  // Node prints the properties of an error after its frames.
  const from = text.lastIndexOf(line);
  const rest = from < 0 ? line : text.slice(from);
  const candidates = [
    ...words(line),
    ...words(/^\s*code: '(\w+)'/m.exec(rest)?.[1] ?? ''),
    ...(isOfParser(line, rest) ? ['MODULE_SYNTAX'] : []),
    // As Nest says it, without an error: "The "@nestjs/microservices" package is missing."
    ...(/The "[^"]+" package is missing\./.test(line) ? ['MODULE_NOT_FOUND'] : []),
  ];
  const code = candidates.find(candidate => REASONS.has(candidate));
  if (code === undefined) {
    return undefined;
  }
  const address = addressIn(line);
  return { code, message: line, ...(address && { address }) };
}

function words(text: string): readonly string[] {
  return text.match(/\w+/g) ?? [];
}

function isOfParser(line: string, rest: string): boolean {
  return /\bSyntaxError\b/.test(line) && /\n\s+at [^\n]*node:internal\/(modules|vm)/.test(rest);
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

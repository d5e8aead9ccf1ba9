import type { Logger } from '@nestjs/common';
import { INTERNAL_VARIABLES } from '../bootstrap/cluster-role.js';
import { configMessages } from './config.messages.js';
import { OPTION_VARIABLES, type ResolvedClusterOptions } from './resolve-options.js';
import { unknownVariables } from './unknown-variables.js';

/**
 * Warns of what is no error, and still hardly meant: variables that nobody reads, and Redis without a namespace of
 * the application's own.
 *
 * @internal
 */
export function warnOfOptions(
  { redis, namespace, namespaceOrigin }: ResolvedClusterOptions,
  env: NodeJS.ProcessEnv,
  logger: Pick<Logger, 'warn'>,
): void {
  const unknown = unknownVariables(env, [...OPTION_VARIABLES, ...INTERNAL_VARIABLES]);
  if (unknown.length > 0) {
    logger.warn(configMessages.unknownVariables(unknown));
  }
  if (redis && namespaceOrigin === undefined) {
    logger.warn(configMessages.namelessNamespace(namespace));
  }
}

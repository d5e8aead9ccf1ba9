import type { Logger } from '@nestjs/common';
import { INTERNAL_VARIABLES } from '../model/internal-variables.js';
import { configMessages } from './config.messages.js';
import { OPTION_VARIABLES, type ResolvedClusterOptions } from './resolve-options.js';
import { unknownVariables } from './unknown-variables.js';

/** Of this process, whose applications are told the same. */
const alreadySaid = new Set<string>();

/**
 * Warns of what is no error, and still hardly meant: variables that nobody reads, and Redis without a namespace of
 * the application's own. Each warning comes once, however many applications a process creates.
 *
 * @param said the warnings so far
 * @internal
 */
export function warnOfOptions(
  { redis, namespace, namespaceOrigin }: ResolvedClusterOptions,
  env: NodeJS.ProcessEnv,
  logger: Pick<Logger, 'warn'>,
  said: Set<string> = alreadySaid,
): void {
  const warn = (text: string): void => {
    if (!said.has(text)) {
      said.add(text);
      logger.warn(text);
    }
  };
  const unknown = unknownVariables(env, [...OPTION_VARIABLES, ...INTERNAL_VARIABLES]);
  if (unknown.length > 0) {
    warn(configMessages.unknownVariables(unknown));
  }
  if (redis && namespaceOrigin === undefined) {
    warn(configMessages.namelessNamespace(namespace));
  }
}

import type { Logger } from '@nestjs/common';
import { INTERNAL_VARIABLES } from '../model/internal-variables.js';
import { configMessages } from './config.messages.js';
import type { PrimaryOptions } from './primary-options.js';
import { OPTION_VARIABLES } from './resolve-options.js';
import { unknownVariables } from './unknown-variables.js';

/** The warnings of this process; all of its applications share them. */
const alreadySaid = new Set<string>();

/**
 * Warns of settings that are valid but probably wrong: unknown variables, and Redis without a namespace of the
 * application. Each warning is logged once, however many applications a process creates.
 *
 * @param said the previous warnings
 * @internal
 */
export function warnOfOptions(
  {
    redis,
    namespace,
    namespaceOrigin,
    doctor,
  }: Pick<PrimaryOptions, 'redis' | 'namespace' | 'namespaceOrigin' | 'doctor'>,
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
  if (redis && namespaceOrigin === undefined && doctor.includes('namespace')) {
    warn(configMessages.namelessNamespace(namespace));
  }
}

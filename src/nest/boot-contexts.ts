import type { LogCall } from './logger-calls.js';

/** The contexts under which Nest tells how an application starts. */
const BOOT_CONTEXTS: ReadonlySet<string | undefined> = new Set([
  'NestFactory',
  'InstanceLoader',
  'InjectorLogger',
  'RoutesResolver',
  'RouterExplorer',
  'MiddlewareModule',
  'NestApplication',
  'NestApplicationContext',
  'NestMicroservice',
  'WebSocketsController',
  'GraphQLModule',
]);

/** Whether Nest tells how an application starts, and no more than that. @internal */
export function isBootLine({ level, context }: Pick<LogCall, 'level' | 'context'>): boolean {
  return !isComplaint({ level }) && BOOT_CONTEXTS.has(context);
}

/** Whether something may be wrong. @internal */
export function isComplaint({ level }: Pick<LogCall, 'level'>): boolean {
  return level === 'warn' || level === 'error' || level === 'fatal';
}

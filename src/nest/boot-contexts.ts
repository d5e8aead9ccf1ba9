import type { LogCall } from './logger-calls.js';

/** The contexts of the lines that Nest logs while an application boots. */
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

/** Whether this is a boot line of Nest, and not a warning or an error. @internal */
export function isBootLine({ level, context }: Pick<LogCall, 'level' | 'context'>): boolean {
  return !isComplaint({ level }) && BOOT_CONTEXTS.has(context);
}

/** Whether this is a warning or an error. @internal */
export function isComplaint({ level }: Pick<LogCall, 'level'>): boolean {
  return level === 'warn' || level === 'error' || level === 'fatal';
}

import { checkFields } from '../config/check-fields.js';
import { fieldsOf } from '../validation/read-fields.js';
import type { Rule } from '../validation/rule.interface.js';
import { aFunction, classDecorators, required, text } from '../validation/rules.js';
import type {
  ClusterDashboardModuleAsyncOptions,
  ClusterDashboardModuleOptions,
  DashboardAccessOptions,
} from './dashboard-module-options.interface.js';

const anything: Rule<unknown> = { expected: 'anything', accept: value => value };

const guards: Rule<readonly unknown[]> = {
  expected: 'a list of guards: classes or instances with canActivate()',
  accept: value => (Array.isArray(value) && value.every(isGuard) ? value : undefined),
};

/** Accepts `false`. A rule that returns `undefined` refuses the value, so this one returns an object. */
const none: Rule<object> = {
  expected: 'false',
  accept: value => (value === false ? {} : undefined),
};

const PLACE = {
  path: text("a path such as '/cluster'", value => value !== ''),
  imports: anything,
  decorators: classDecorators,
};

const ACCESS = { guards, actions: fieldsOf({ guards }, none) };

/**
 * @throws ClusterConfigError with all unknown options and invalid values
 * @internal
 */
export function checkOptions(options: ClusterDashboardModuleOptions): void {
  checkFields({ ...PLACE, ...ACCESS }, options, 'ClusterDashboardModule');
}

/** As {@link checkOptions}, for `forRootAsync()`. @internal */
export function checkAsyncOptions(options: ClusterDashboardModuleAsyncOptions): void {
  const rules = { ...PLACE, inject: anything, useFactory: required(aFunction) };
  checkFields(rules, options, 'ClusterDashboardModule');
}

/** As {@link checkOptions}, for what the factory of `forRootAsync()` returns. @internal */
export function checkAccess(options: DashboardAccessOptions): DashboardAccessOptions {
  checkFields(ACCESS, options, 'the factory of ClusterDashboardModule');
  return options;
}

function isGuard(value: unknown): boolean {
  return (
    isClass(value) || typeof (value as { canActivate?: unknown } | null)?.canActivate === 'function'
  );
}

/** Arrow functions cannot be constructed. */
function isClass(value: unknown): boolean {
  return typeof value === 'function' && 'prototype' in value;
}

import { describe, expect, it } from 'vitest';
import {
  checkAccess,
  checkAsyncOptions,
  checkOptions,
} from '../../../src/dashboard/check-options.js';

class AdminGuard {
  canActivate(): boolean {
    return true;
  }
}

describe('the options of ClusterDashboardModule', () => {
  it('may be these', () => {
    checkOptions({});
    checkOptions({
      path: '/',
      imports: [],
      decorators: [],
      guards: [AdminGuard, new AdminGuard()],
    });
    checkOptions({ actions: false });
    checkOptions({ actions: { guards: [AdminGuard] } });
    checkAsyncOptions({ path: '/admin', imports: [], inject: [], useFactory: () => ({}) });
    checkAccess({ guards: [AdminGuard], actions: false });
  });

  it.each<[object, RegExp]>([
    [{ path: '' }, /^path of ClusterDashboardModule must be a path such as '\/cluster'/],
    [{ guards: AdminGuard }, /^guards of ClusterDashboardModule must be a list of guards/],
    [{ guards: [{}] }, /a list of guards: classes or instances with canActivate\(\)/],
    [{ guards: [() => true] }, /a list of guards: classes or instances with canActivate\(\)/],
    [{ guards: [undefined] }, /a list of guards/],
    [
      { guard: [AdminGuard] },
      /^Unknown option `guard` of ClusterDashboardModule\. Did you mean `guards`/,
    ],
    [
      { actions: true },
      /^actions of ClusterDashboardModule must be false, or an object with any of guards/,
    ],
    [
      { actions: { guards: ['admin'] } },
      /^actions\.guards of ClusterDashboardModule must be a list/,
    ],
    [{ actions: { guard: [] } }, /^Unknown option `actions\.guard`/],
  ])('cannot be %j', (options, message) => {
    expect(() => checkOptions(options)).toThrow(message);
  });

  it('need a factory in forRootAsync(), which returns who may do what', () => {
    expect(() => checkAsyncOptions({} as never)).toThrow(/^useFactory of ClusterDashboardModule/);
    expect(() => checkAsyncOptions({ useFactory: () => ({}), guards: [] } as never)).toThrow(
      /^Unknown option `guards`/,
    );
    expect(() => checkAccess({ path: '/x' } as never)).toThrow(
      /^Unknown option `path` of the factory of ClusterDashboardModule/,
    );
    expect(() => checkAccess(undefined as never)).toThrow(/the factory of ClusterDashboardModule/);
  });
});

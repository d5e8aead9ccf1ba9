import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  type OnModuleInit,
  Scope,
} from '@nestjs/common';
import { ContextIdFactory, ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import type {
  DashboardAccessOptions,
  DashboardGuard,
} from '../dashboard-module-options.interface.js';
import { isVisible, type Protection } from './is-visible.js';
import type { RequestFacts } from './request-facts.js';

/** Injection token of the {@link DashboardAccessOptions}. @internal */
export const DASHBOARD_ACCESS = Symbol('DASHBOARD_ACCESS');

type GuardClass = Exclude<DashboardGuard, CanActivate>;

/**
 * Decides who may see the dashboard and use its actions, with the guards of the options.
 *
 * @internal
 */
@Injectable()
export class DashboardAccess implements OnModuleInit {
  readonly protection: Protection;
  /** The instances of the classes that are not created for each request. */
  readonly #created = new Map<GuardClass, CanActivate>();
  readonly #contexts = new WeakMap<object, ExecutionContext>();

  constructor(
    @Inject(DASHBOARD_ACCESS) private readonly options: DashboardAccessOptions,
    @Inject(ModuleRef) private readonly module: ModuleRef,
  ) {
    this.protection = {
      hasGuards: (options.guards ?? []).length > 0,
      isProduction: process.env['NODE_ENV'] === 'production',
    };
  }

  async onModuleInit(): Promise<void> {
    for (const guard of [...this.#guards, ...this.#actionGuards]) {
      if (typeof guard === 'function' && !this.#created.has(guard)) {
        await this.#create(guard);
      }
    }
  }

  /** Whether the options allow actions. */
  get hasActions(): boolean {
    return this.options.actions !== false;
  }

  isVisible(facts: RequestFacts): boolean {
    return isVisible(this.protection, facts);
  }

  /** @throws ForbiddenException, or what a guard throws */
  async checkDashboard(context: ExecutionContext): Promise<void> {
    this.#contexts.set(context.switchToHttp().getRequest<object>(), context);
    await this.#check(this.#guards, context);
  }

  /**
   * Checks what actions need beside {@link checkDashboard}.
   *
   * @throws ForbiddenException, or what a guard throws
   */
  async checkActions(context: ExecutionContext): Promise<void> {
    await this.#check(this.#actionGuards, context);
  }

  /** Whether {@link checkActions} would pass for a request that has passed {@link checkDashboard}. */
  async mayAct(request: object): Promise<boolean> {
    const context = this.#contexts.get(request);
    try {
      await (context && this.checkActions(context));
      return context !== undefined;
    } catch {
      return false;
    }
  }

  get #guards(): readonly DashboardGuard[] {
    return this.options.guards ?? [];
  }

  get #actionGuards(): readonly DashboardGuard[] {
    const { actions } = this.options;
    return (actions !== false && actions?.guards) || [];
  }

  async #check(guards: readonly DashboardGuard[], context: ExecutionContext): Promise<void> {
    for (const guard of guards) {
      const instance = await this.#instanceOf(guard, context);
      const result = instance.canActivate(context);
      const passes = await (isObservable(result) ? lastValueFrom(result) : result);
      if (!passes) {
        throw new ForbiddenException();
      }
    }
  }

  async #instanceOf(guard: DashboardGuard, context: ExecutionContext): Promise<CanActivate> {
    if (typeof guard !== 'function') {
      return guard;
    }
    const created = this.#created.get(guard);
    if (created) {
      return created;
    }
    const request = context.switchToHttp().getRequest<object>();
    const id = ContextIdFactory.getByRequest(request);
    this.module.registerRequestByContextId(request, id);
    return this.module.resolve(guard, id);
  }

  /**
   * Creates a guard, unless it is created for each request.
   *
   * @throws ClusterConfigError if it is no guard
   */
  async #create(guard: GuardClass): Promise<void> {
    const isProvider = this.#isProvider(guard);
    if (isProvider === 'each-request') {
      return;
    }
    const created: Partial<CanActivate> =
      isProvider === 'once' ? this.module.get(guard) : await this.module.create(guard);
    if (typeof created.canActivate !== 'function') {
      const expected = 'a list of guards: classes or instances with canActivate()';
      throw new ClusterConfigError('guards of ClusterDashboardModule', guard, expected);
    }
    this.#created.set(guard, created as CanActivate);
  }

  /** Classes that a factory returns are no providers. */
  #isProvider(guard: GuardClass): 'once' | 'each-request' | 'no' {
    try {
      return this.module.introspect(guard).scope !== Scope.DEFAULT ? 'each-request' : 'once';
    } catch {
      return 'no';
    }
  }
}

import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
} from '@nestjs/common';
import { Dashboard } from '../dashboard.js';
import { dashboardMessages } from '../dashboard.messages.js';
import { type AnyResponse, setHeaders } from '../responses.js';
import { isCrossSite, isFromPage, isReading } from './cross-site.js';
import { DashboardAccess } from './dashboard-access.js';
import { notFound } from './not-found.js';
import { type AnyRequest, factsOf } from './request-facts.js';

/**
 * Guards the page, its files, its data and its actions. It answers 404 where the dashboard does not exist, 403 to pages of other
 * sites, and then asks the guards of the options.
 *
 * @internal
 */
@Injectable()
export class DashboardRouteGuard implements CanActivate {
  constructor(@Inject(DashboardAccess) private readonly access: DashboardAccess) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<AnyRequest>();
    const facts = factsOf(request);
    if (!this.access.isVisible(facts)) {
      throw notFound(request);
    }
    setHeaders(http.getResponse<AnyResponse>());
    if (isReading(facts) ? isCrossSite(facts) : !isFromPage(facts)) {
      throw new ForbiddenException(dashboardMessages.crossSite());
    }
    await this.access.checkDashboard(context);
    return true;
  }
}

/** Guards the actions, after {@link DashboardRouteGuard}. @internal */
@Injectable()
export class DashboardActionGuard implements CanActivate {
  constructor(
    @Inject(DashboardAccess) private readonly access: DashboardAccess,
    @Inject(Dashboard) private readonly dashboard: Dashboard,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AnyRequest>();
    const action = request.params?.['action'];
    if (!this.dashboard.actions.names.some(name => name === action)) {
      throw notFound(request);
    }
    await this.access.checkActions(context);
    return true;
  }
}

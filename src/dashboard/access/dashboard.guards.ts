import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  NotFoundException,
} from '@nestjs/common';
import { Dashboard } from '../dashboard.js';
import { dashboardMessages } from '../dashboard.messages.js';
import { type AnyResponse, setHeaders } from '../responses.js';
import { isCrossSite, isFromPage, isReading } from './cross-site.js';
import { DashboardAccess } from './dashboard-access.js';
import { type AnyRequest, factsOf, nodeRequest } from './request-facts.js';

/**
 * Guards everything of the dashboard. To a client that must not see it, it does not exist.
 *
 * @internal
 */
@Injectable()
export class DashboardGuardOfAll implements CanActivate {
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

/** Guards the actions, after {@link DashboardGuardOfAll}. @internal */
@Injectable()
export class DashboardGuardOfActions implements CanActivate {
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

/** The error of Nest for a route that does not exist. */
function notFound(request: AnyRequest): NotFoundException {
  const { method = 'GET', url = '/' } = nodeRequest(request);
  return new NotFoundException(`Cannot ${method} ${request.originalUrl ?? url}`);
}

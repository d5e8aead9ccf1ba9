import type { ServerResponse } from 'node:http';
import {
  Controller,
  Get,
  Inject,
  NotFoundException,
  Post,
  Req,
  Res,
  type Type,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { DashboardAccess } from './access/dashboard-access.js';
import { DashboardActionGuard, DashboardRouteGuard } from './access/dashboard.guards.js';
import { notFound } from './access/not-found.js';
import { type AnyRequest, nodeRequest } from './access/request-facts.js';
import { kindOf, textOf } from './actions/action-input.js';
import { failureOf } from './actions/failure-of.js';
import { Dashboard } from './dashboard.js';
import { dashboardMessages } from './dashboard.messages.js';
import { DASHBOARD_VIEWS, type DashboardActionName, type DashboardView } from './page-messages.js';
import type { DashboardPlaceOptions } from './dashboard-module-options.interface.js';
import { readBody } from './read-body.js';
import {
  type AnyResponse,
  beginWriting,
  nodeResponse,
  onClosed,
  sendFile,
  sendJson,
} from './responses.js';
import { ResponseStream } from './streams/page-stream.js';

/** The longest key whose value can be requested. */
const MAX_KEY = 8_192;

const STREAM = {
  'content-type': 'text/event-stream; charset=utf-8',
  // No middleware or proxy may hold it back to compress it.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * Creates the controller of the dashboard. It writes all responses itself: interceptors of the application must not wrap
 * them, and pipes not change what it reads.
 *
 * @internal
 */
export function dashboardController(
  path: string,
  { decorators = [] }: Pick<DashboardPlaceOptions, 'decorators'>,
): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(DashboardRouteGuard)
  class ClusterDashboardController {
    constructor(
      @Inject(Dashboard) private readonly dashboard: Dashboard,
      @Inject(DashboardAccess) private readonly access: DashboardAccess,
    ) {}

    @Get()
    async page(@Req() request: AnyRequest, @Res() response: AnyResponse): Promise<void> {
      await answer(response, async () => {
        const { originalUrl, url = '' } = request;
        const page = await this.dashboard.files.page(originalUrl ?? url);
        response.header('content-type', 'text/html; charset=utf-8');
        response.status(200).send(page);
      });
    }

    @Get('assets/:file')
    async asset(@Req() request: AnyRequest, @Res() response: AnyResponse): Promise<void> {
      await answer(response, async () => {
        const file = await this.dashboard.files.asset(request.params?.['file'] ?? '');
        if (!file) {
          throw notFound(request);
        }
        response.header('cache-control', 'no-cache');
        response.header('etag', file.etag);
        if (nodeRequest(request).headers['if-none-match'] === file.etag) {
          response.status(304).send();
          return;
        }
        response.header('content-type', file.type);
        response.status(200).send(file.content);
      });
    }

    @Get('stream')
    async stream(@Req() request: AnyRequest, @Res() response: AnyResponse): Promise<void> {
      const view = DASHBOARD_VIEWS.find(each => each === request.query?.['view']);
      if (!view) {
        sendJson(response, 400, { message: dashboardMessages.noView(DASHBOARD_VIEWS) });
        return;
      }
      const mayAct = await this.access.mayAct(request);
      const actions = mayAct ? this.dashboard.actions.names : [];
      const raw = beginWriting(response, STREAM);
      if (nodeRequest(request).method === 'HEAD') {
        raw.end();
        return;
      }
      this.#open(raw, view, actions);
    }

    @Post('state/value')
    async value(@Req() request: AnyRequest, @Res() response: AnyResponse): Promise<void> {
      await answer(response, async () => {
        const body = await readBody(request);
        const value = await this.dashboard.feed.value(kindOf(body), textOf(body, 'key', MAX_KEY));
        sendJson(response, 200, value);
      });
    }

    @Post('actions/:action')
    @UseGuards(DashboardActionGuard)
    async act(@Req() request: AnyRequest, @Res() response: AnyResponse): Promise<void> {
      await answer(response, async () => {
        const name = request.params?.['action'] as DashboardActionName;
        const requester = { who: whoOf(request), signal: closeOf(response) };
        const result = await this.dashboard.actions.run(name, await readBody(request), requester);
        if (result.type === 'json') {
          sendJson(response, 200, result.value);
        } else {
          await sendFile(response, result.file);
        }
      });
    }

    #open(raw: ServerResponse, view: DashboardView, actions: readonly DashboardActionName[]): void {
      const { streams } = this.dashboard;
      streams.open(new ResponseStream(raw), view, json =>
        this.dashboard.firstMessage(json, actions),
      );
    }
  }
  decorators.forEach(decorate => decorate(ClusterDashboardController));
  return ClusterDashboardController;
}

/** Answers a failure with the JSON that the page shows. Nest answers 404 itself. */
async function answer(response: AnyResponse, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (error instanceof NotFoundException) {
      throw error;
    }
    // An interceptor of the application may have answered, for example after a time limit.
    if (!nodeResponse(response).headersSent) {
      const { status, body } = failureOf(error);
      sendJson(response, status, body);
    }
  }
}

function whoOf(request: AnyRequest): string {
  return request.ip ?? nodeRequest(request).socket.remoteAddress ?? 'a client of a Unix socket';
}

/** Returns a signal that aborts when the client has gone. */
function closeOf(response: AnyResponse): AbortSignal {
  const gone = new AbortController();
  onClosed(nodeResponse(response), () => gone.abort());
  return gone.signal;
}

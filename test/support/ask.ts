import type { HostStatus } from '../../src/model/host-status.interface.js';
import type { Application } from './application.js';

/** Returns the answer of an application to a request on a new connection. */
export async function ask<Answer>(
  app: Application,
  path: string,
  method: 'GET' | 'POST' = 'GET',
): Promise<Answer> {
  const response = await fetch(app.url(path), { method, headers: { connection: 'close' } });
  return (await response.json()) as Answer;
}

export const statusOf = (app: Application): Promise<HostStatus> => ask(app, '/status');

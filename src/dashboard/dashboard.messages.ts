import { printable, printableError } from '../system/text/printable.js';

/** @internal */
export const dashboardMessages = {
  unguarded: (path: string) =>
    `The dashboard at ${printable(path)} has no guard, so it does not exist in production (NODE_ENV=production): its routes answer 404. ` +
    'Add a guard: ClusterDashboardModule.forRoot({ guards: [YourGuard] }), or remove the module',
  openHere: (path: string) =>
    `The dashboard at ${printable(path)} has no guard. It answers browsers on this machine, because NODE_ENV is not production`,
  crossSite: () =>
    'This request does not come from the page of the dashboard, but from a page of another site or port, or from a program. If it does come from the page, the proxy in ' +
    'front of it must pass on Host, Origin, Sec-Fetch-Site and X-Cluster-Dashboard unchanged. Programs can use `npx nestjs-cluster`',
  requested: (who: string, what: string) => `${printable(who)} requests: ${what}`,
  carriedOut: (who: string, what: string, result: string) =>
    `Done for ${printable(who)}: ${what}. ${result}`,
  failed: (who: string, what: string, error: unknown) =>
    `Failed for ${printable(who)}: ${what}. ${printableError(error)}`,
  drains: (what: string) =>
    `This worker drains and cannot wait for the ${what}. Try again: another worker answers then`,
  sectionFailed: (view: string, error: unknown) =>
    `The dashboard cannot show ${view}; this is logged once: ${printableError(error)}`,
  overviewFailed: (error: unknown) => `The dashboard gets no overview: ${printableError(error)}`,
  noFiles: (where: string) =>
    `The files of the dashboard are not in ${printable(where)}. Leave nestjs-cluster out of your bundle, or install it as well`,
  noView: (views: readonly string[]) => `view must be one of ${views.join(', ')}`,
  expected: (name: string, what: string) => `${name} must be ${what}`,
} as const;

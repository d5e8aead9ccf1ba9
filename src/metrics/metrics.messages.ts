import { printable, printableError } from '../system/text/printable.js';

/** @internal */
export const metricsMessages = {
  primarySilent: () => 'The metrics are not available: the primary does not answer.',
  portFailed: (port: number, why: string) =>
    `The port ${port} of ClusterMetricsModule cannot be opened: ${printable(why)}`,
  registryFailed: (error: unknown) =>
    `A registry of metrics could not be read, and keeps the metrics that it had; this is logged once: ${printableError(error)}`,
  collectFailed: (name: string, error: unknown) =>
    `The metric ${printable(name)} could not be collected, and keeps its last values; this is logged once: ${printableError(error)}`,
  collectSlow: (name: string, milliseconds: number) =>
    `The metric ${printable(name)} was not collected within ${milliseconds} ms. It keeps its last values until it is collected; this is logged once.`,
} as const;

import type { OpenMetricsContentType, Registry } from 'prom-client';

/** The exports of `prom-client`, which is loaded on demand. @internal */
export type PromClient = typeof import('prom-client');

/** A registry of `prom-client`, of either content type. @publicApi */
export type MetricsRegistry = Registry | Registry<OpenMetricsContentType>;

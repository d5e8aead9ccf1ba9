/** The text formats in which metrics are answered. @internal */
export type TextFormat = 'prometheus' | 'openmetrics';

/** @internal */
export const CONTENT_TYPES: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

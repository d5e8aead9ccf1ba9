import type { TextFormat } from './content-types.js';

const OPEN_METRICS = 'application/openmetrics-text';

/**
 * Returns the text format that the header `Accept` asks for. OpenMetrics, which has exemplars, must be named.
 *
 * @internal
 */
export function acceptedFormat(accept = ''): TextFormat {
  const qualities = new Map(
    accept.split(',').map(entry => {
      const [type = '', ...parameters] = entry.split(';').map(part => part.trim().toLowerCase());
      const quality = parameters.find(parameter => parameter.startsWith('q='));
      return [type, quality === undefined ? 1 : Number(quality.slice(2)) || 0] as const;
    }),
  );
  const wanted = qualities.get(OPEN_METRICS) ?? 0;
  return wanted > 0 && wanted >= (qualities.get('text/plain') ?? 0) ? 'openmetrics' : 'prometheus';
}

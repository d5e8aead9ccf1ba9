import type { MetricType } from '../metrics.protocol.js';
import { valueText } from '../sample-value.js';
import type { TextFormat } from '../content-types.js';
import type { Exemplar } from './sample.js';

/** A metric, as its lines begin. @internal */
export interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
}

/** What one line says. @internal */
export interface Line {
  readonly suffix: string;
  /** With braces; empty without labels. */
  readonly labels: string;
  readonly exemplar?: Exemplar | undefined;
}

/** Writes the lines of a metric in one format. @internal */
export interface LineWriter {
  /** The lines with the description and the type. */
  readonly header: string;
  line(line: Line, value: number): string;
}

const TOTAL = /_total$/;

/**
 * Returns what writes the lines of a metric. In OpenMetrics, the name of a counter has no suffix, and its sample has
 * `_total`.
 *
 * @internal
 */
export function lineWriter(format: TextFormat, { name, help, type }: Described): LineWriter {
  if (format === 'prometheus') {
    return {
      header: `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`,
      line: ({ suffix, labels }, value) => `${name}${suffix}${labels} ${valueText(value)}\n`,
    };
  }
  const isCounter = type === 'counter';
  const family = isCounter ? name.replace(TOTAL, '') : name;
  const total = isCounter ? '_total' : '';
  return {
    header: `# HELP ${family} ${escapeHelp(help).replaceAll('"', '\\"')}\n# TYPE ${family} ${type}\n`,
    line: ({ suffix, labels, exemplar }, value) =>
      `${family}${suffix}${total}${labels} ${valueText(value)}${exemplarText(exemplar)}\n`,
  };
}

/** What ends the text. @internal */
export function ending(format: TextFormat): string {
  return format === 'openmetrics' ? '# EOF\n' : '';
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function exemplarText(exemplar: Exemplar | undefined): string {
  return exemplar
    ? ` # {${exemplar.labels}} ${valueText(exemplar.value)} ${exemplar.timestamp}`
    : '';
}

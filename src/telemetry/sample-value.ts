import type { SampleValue } from './metrics.protocol.js';

/** Returns a value as it is sent over IPC. @internal */
export function encodeValue(value: number): SampleValue {
  return Number.isFinite(value) ? value : (valueText(value) as SampleValue);
}

/** @internal */
export function decodeValue(value: SampleValue): number {
  return typeof value === 'number' ? value : NOT_FINITE[value];
}

const NOT_FINITE = { NaN: NaN, '+Inf': Infinity, '-Inf': -Infinity } as const;

/** Returns a value in the text format of Prometheus. @internal */
export function valueText(value: number): string {
  if (Number.isFinite(value)) {
    return String(value);
  }
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  return value > 0 ? '+Inf' : '-Inf';
}

/** What all candidates publish: 200 bytes as JSON, made anew for each event. */
export interface BenchEvent {
  readonly sequence: number;
  /** When it was made, by `now()`. */
  readonly at: number;
  readonly order: typeof order;
}

const BYTES = 200;

/** Of as many digits as all that follow. */
export const FIRST_SEQUENCE = 1_000_000_000;

const order = {
  id: 'ord_4f81a0c2',
  customer: 'cus_77120',
  currency: 'EUR',
  total: 12990,
  note: '',
};
order.note = 'x'.repeat(BYTES - JSON.stringify(benchEvent(FIRST_SEQUENCE)).length);

export function benchEvent(sequence: number): BenchEvent {
  return { sequence, at: now(), order };
}

/** Nanoseconds by the machine's monotonic clock, which is the same one for all its processes. */
export function now(): number {
  return Number(process.hrtime.bigint());
}

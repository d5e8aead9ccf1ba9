/** The event that all candidates publish: 200 bytes as JSON, created for each publication. */
export interface BenchEvent {
  readonly sequence: number;
  /** The time of its creation, by `now()`. */
  readonly at: number;
  readonly order: typeof order;
}

const BYTES = 200;

/** With a constant number of digits. */
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

/** Nanoseconds of the machine's monotonic clock, which is the same for all processes. */
export function now(): number {
  return Number(process.hrtime.bigint());
}

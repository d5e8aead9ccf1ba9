import {
  OVERVIEW_SAMPLES,
  type OverviewSample,
  type SlotSample,
  type Unknown,
} from '../overview.interface.js';

/** The values of a slot in a sample. */
const COLUMNS = 4;

const THOUSAND = 1_000;

/** A sample in little memory: `NaN` for unknown values. */
interface Packed {
  readonly at: number;
  readonly values: Float32Array;
}

/** The last samples of a host: about 16 bytes for each slot and sample. @internal */
export class SampleRing {
  readonly #samples: Packed[] = [];
  #next = 0;

  add({ at, slots }: OverviewSample): void {
    const values = new Float32Array(slots.length * COLUMNS);
    slots.forEach((slot, index) =>
      slot.forEach((value, column) => (values[index * COLUMNS + column] = value ?? NaN)),
    );
    this.#samples[this.#next] = { at, values };
    this.#next = (this.#next + 1) % OVERVIEW_SAMPLES;
  }

  /** All samples, oldest first. */
  get all(): OverviewSample[] {
    const begin = this.#samples.length < OVERVIEW_SAMPLES ? 0 : this.#next;
    return [...this.#samples.slice(begin), ...this.#samples.slice(0, begin)].map(unpacked);
  }
}

function unpacked({ at, values }: Packed): OverviewSample {
  const slots: SlotSample[] = [];
  for (let place = 0; place < values.length; place += COLUMNS) {
    slots.push([
      valueOf(values[place]!),
      valueOf(values[place + 1]!),
      valueOf(values[place + 2]!),
      valueOf(values[place + 3]!),
    ]);
  }
  return { at, slots };
}

/** Rounds what is less exact than it looks: a value has about seven digits. */
function valueOf(value: number): number | Unknown {
  return Number.isNaN(value) ? null : Math.round(value * THOUSAND) / THOUSAND;
}

import type { DoctorCheck } from '../config/doctor-checks.js';

/** Something that is wrong with several workers. @internal */
export interface Finding {
  readonly check: DoctorCheck;
  /** Distinguishes findings of one check. Equal in all workers that run the same code. */
  readonly subject?: string;
  /** What is wrong, as a sentence without its period. */
  readonly what: string;
  /** The line that makes it right, as a sentence without its period. */
  readonly remedy: string;
}

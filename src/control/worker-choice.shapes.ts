import { MAX_WORKERS } from '../model/max-workers.js';
import { integer } from '../validation/shape/scalars.js';
import { optional } from '../validation/shape/structures.js';

/** @internal */
export const slot = integer({ min: 0, max: MAX_WORKERS });

/** The fields of a `WorkerChoice`. @internal */
export const workerChoice = { slot, pid: optional(integer({ min: 1 })) };

import type { FeatureChannel } from '../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../ipc/protocol.js';
import { text } from '../validation/shape/scalars.js';
import { list } from '../validation/shape/structures.js';

/** @internal */
export interface DoctorQuestions {
  /** Returns those of the findings that no worker of this host has reported yet. The worker that asks reports them. */
  readonly unreported: { readonly params: readonly string[]; readonly answer: readonly string[] };
}

/** @internal */
export type DoctorProtocol = FeatureProtocol<never, never, DoctorQuestions>;

/** @internal */
export type DoctorChannel = FeatureChannel<never, DoctorQuestions>;

/** The maximum length of the key of a finding. @internal */
export const MAX_KEY = 200;

const keys = list(text({ minLength: 1, maxLength: MAX_KEY }));

/** @internal */
export const doctorProtocol: DoctorProtocol = {
  toPrimary: {},
  toWorker: {},
  questions: { unreported: { params: keys, answer: keys } },
};

import type { DoctorCheck } from '../../src/config/doctor-checks.js';
import { sampleOf } from './samples.js';

/** What the doctor has said about an application. */
export interface Examination {
  /** Its directory below `sample`. */
  readonly application: string;
  /** The checks of the warnings in the log. */
  readonly logged: readonly string[];
  /** The checks that `nestjs-cluster doctor` has shown. */
  readonly shown: readonly string[];
}

export interface Verdict {
  readonly line: string;
  readonly isGood: boolean;
}

/** Says of each warning whether it is right, and which are missing. */
export function judge({ application, logged, shown }: Examination): Verdict {
  const { expected = {}, unseen } = sampleOf(application);
  const found = [...new Set([...logged, ...shown])].toSorted();
  const right = found.filter(check => check in expected);
  const wrong = found.filter(check => !(check in expected));
  const missing = Object.keys(expected).filter(check => !found.includes(check));
  const onlyOne = found.filter(check => logged.includes(check) !== shown.includes(check));
  const remarks = [
    ...right.map(check => `${check}: right (${expected[check as DoctorCheck]})`),
    ...wrong.map(check => `${check}: FALSE WARNING`),
    ...missing.map(check => `${check}: MISSING (${expected[check as DoctorCheck]})`),
    ...onlyOne.map(
      check => `${check}: only ${logged.includes(check) ? 'in the log' : 'shown by the command'}`,
    ),
    ...(found.length === 0 ? ['no warning'] : []),
    ...(unseen === undefined ? [] : [`not seen, as documented: ${unseen}`]),
  ];
  return {
    line: `${application}: ${remarks.join('; ')}`,
    isGood: wrong.length + missing.length + onlyOne.length === 0,
  };
}

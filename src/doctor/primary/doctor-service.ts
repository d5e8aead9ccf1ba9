import type { PrimaryService, ServiceClient } from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import { doctorProtocol, type DoctorQuestions } from '../doctor.protocol.js';

/** More findings than an application can have. Above it, nothing is reported. */
const MAX_FINDINGS = 1_000;

/**
 * Remembers which findings were reported, so that each is logged once for all workers of the host, and not again by
 * those that a reload or a crash replaces.
 *
 * @internal
 */
export class DoctorService implements PrimaryService<never, never, DoctorQuestions> {
  readonly protocol = doctorProtocol;
  readonly #reported = new Set<string>();

  onMessage(): void {}

  onQuestion(_client: ServiceClient<never>, { params, answer }: QuestionOf<DoctorQuestions>): void {
    const unreported = [...new Set(params)]
      .filter(key => !this.#reported.has(key))
      .slice(0, MAX_FINDINGS - this.#reported.size);
    unreported.forEach(key => this.#reported.add(key));
    answer(unreported);
  }
}

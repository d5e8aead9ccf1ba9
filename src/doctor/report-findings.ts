import type { Logger } from '@nestjs/common';
import { type DoctorChannel, MAX_KEY } from './doctor.protocol.js';
import { renderFinding } from './doctor.messages.js';
import type { Finding } from './finding.interface.js';

/** Milliseconds to wait for the primary. */
const TIMEOUT = 10_000;

/**
 * Logs the findings that no worker of this host has logged yet, one warning each. Never rejects: if the primary does not
 * answer, nothing is logged.
 *
 * @internal
 */
export async function reportFindings(
  findings: readonly Finding[],
  channel: DoctorChannel,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  if (findings.length === 0) {
    return;
  }
  try {
    const unreported = await channel.ask('unreported', findings.map(keyOf), TIMEOUT);
    findings
      .filter(finding => unreported.includes(keyOf(finding)))
      .forEach(finding => logger.warn(renderFinding(finding)));
  } catch {
    // The host ends, or reports what is wrong with it.
  }
}

function keyOf({ check, subject = '' }: Finding): string {
  return `${check}:${subject}`.slice(0, MAX_KEY);
}

/** Preloaded by an application: writes the resource that the SDK of OpenTelemetry detects in a worker. */
import { detectResources, envDetector } from '@opentelemetry/resources';

if (process.env.CLUSTER_SLOT !== undefined) {
  const { attributes } = detectResources({ detectors: [envDetector] });
  const { CLUSTER_SLOT: slot, CLUSTER_GENERATION: generation } = process.env;
  const what = 'resource';
  process.stdout.write(
    `@${JSON.stringify({ what, pid: process.pid, slot, generation, attributes })}\n`,
  );
}

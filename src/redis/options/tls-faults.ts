import { kindOf } from '../../validation/describe-received.js';
import type { Fault } from '../../validation/fault.interface.js';
import { isRecord } from '../../system/is-record.js';

const FOR_CLUSTER = '`redis.redisOptions.tls`';

/**
 * Returns a fault for each `tls` that ioredis ignores where it stands: it would connect without TLS, and send the
 * password in clear text.
 *
 * @internal
 */
export function tlsFaults(options: Record<string, unknown>): Fault[] {
  const { cluster, sentinels, tls, redisOptions } = options;
  const nodeTls = isRecord(redisOptions) ? redisOptions['tls'] : undefined;
  if (cluster !== undefined) {
    // The `tls` of an address does not apply to the addresses that the cluster reports.
    return nodeTls
      ? []
      : [...ignored('.tls', tls, FOR_CLUSTER), ...inNodes('cluster', cluster, FOR_CLUSTER)];
  }
  return [
    ...(tls ? [] : ignored('.redisOptions.tls', nodeTls, '`redis.tls`')),
    ...(sentinels === undefined ? [] : sentinelFaults(options)),
  ];
}

function sentinelFaults(options: Record<string, unknown>): Fault[] {
  const { sentinels, tls, enableTLSForSentinelMode: isEnabled, sentinelTLS } = options;
  return [
    ...(isEnabled ? [] : ignored('.tls', tls, '`redis.enableTLSForSentinelMode: true`')),
    ...(tls ? [] : ignored('.enableTLSForSentinelMode', isEnabled, '`redis.tls`, at least to {}')),
    ...(sentinelTLS ? [] : inNodes('sentinels', sentinels, '`redis.sentinelTLS`')),
  ];
}

function inNodes(option: string, nodes: unknown, remedy: string): Fault[] {
  const list: readonly unknown[] = Array.isArray(nodes) ? nodes : [];
  return list.flatMap((node, index) => {
    const path = `.${option}[${index}]`;
    return isRecord(node)
      ? ignored(`${path}.tls`, node['tls'], remedy)
      : ignored(path, typeof node === 'string' && node.startsWith('rediss:'), remedy);
  });
}

/** Returns the fault of a value that asks for TLS without effect. */
function ignored(path: string, value: unknown, remedy: string): Fault[] {
  const message = `ioredis would open connections without TLS, in spite of \`redis${path}\`. Set ${remedy}.`;
  return value ? [{ path, expected: `used with ${remedy}`, received: kindOf(value), message }] : [];
}

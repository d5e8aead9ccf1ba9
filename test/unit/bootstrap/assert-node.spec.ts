import { expect, it } from 'vitest';
import { assertNode } from '../../../src/bootstrap/assert-node.js';
import { ClusterConfigError } from '../../../src/model/errors/cluster-config.error.js';

it('accepts Node.js', () => {
  expect(() => assertNode()).not.toThrow();
});

it.each([
  ['Bun 1.4.5', { node: '26.3.0', bun: '1.4.5' }],
  ['Deno 2.5.0', { node: '24.2.0', deno: '2.5.0' }],
])('refuses %s, and names the remedy', (runtime, versions) => {
  expect(() => assertNode(versions)).toThrow(ClusterConfigError);
  expect(() => assertNode(versions)).toThrow(
    `this process runs on ${runtime}. Start the application with node, or set CLUSTER_WORKERS=0`,
  );
});

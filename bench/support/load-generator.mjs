/**
 * The process that generates load. It receives a `Load`, and sends one `LoadResult` for each of its ports. The turns
 * of the servers are so short that a busy moment of the machine affects all of them. For a `PacedLoad`, it sends a
 * `PacedResult`.
 */
import { LoadTarget } from './load-target.mjs';
import { PacedTarget } from './paced-target.mjs';

/** @param {import('./load.mjs').Load} load */
async function run({ ports, turns, turnMilliseconds, ...load }) {
  const targets = ports.map(port => new LoadTarget(port, load));
  for (let turn = 0; turn < turns; turn++) {
    // There and back again, so that no server is always first.
    for (const target of turn % 2 ? targets.toReversed() : targets) {
      await target.run(turnMilliseconds);
    }
  }
  targets.forEach(target => target.close());
  process.send?.(
    targets.map(({ requests, failures, milliseconds }) => ({ requests, failures, milliseconds })),
  );
}

/** @param {import('./load.mjs').PacedLoad} load */
async function pace({ port, milliseconds, ...load }) {
  const target = new PacedTarget(port, load);
  await target.run(milliseconds);
  target.close();
  process.send?.({ failures: target.failures, ...target.percentiles() });
}

process.on('message', message => {
  const load = /** @type {import('./load.mjs').Load | import('./load.mjs').PacedLoad} */ (message);
  void ('perSecond' in load ? pace(load) : run(load));
});
process.on('disconnect', () => process.exit());

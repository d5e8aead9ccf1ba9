/**
 * A process with the clients of `nestjs-cluster-verify`, which count the result of each request. `load` starts them,
 * `phase` names the state of the server, `stop` ends them and returns the counts.
 */
import { Kills, Load, Tally } from './verify-tool.mjs';

const tally = new Tally(new Kills());
/** @type {Load | undefined} */
let load;

/** @param {import('./counting-load.mjs').Order} order */
async function obey({ url, plan, phase }) {
  if (url !== undefined && plan !== undefined) {
    load = new Load(new URL(url), plan, tally);
    load.start();
  } else if (phase !== undefined) {
    tally.phase = phase;
  } else {
    await load?.stop();
    process.send?.(tally.counts());
  }
}

process.on(
  'message',
  order => void obey(/** @type {import('./counting-load.mjs').Order} */ (order)),
);
process.on('disconnect', () => process.exit());

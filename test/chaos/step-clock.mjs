// @ts-check
/**
 * Preloaded into every process of an application: shifts its `Date` by as many milliseconds as the file
 * named in STEP_CLOCK_FILE says, as if somebody had set the clock of the system. Monotonic clocks go on.
 */
import { readFileSync } from 'node:fs';

/** Milliseconds between two looks at the file. */
const LOOK_MILLISECONDS = 50;

const file = process.env['STEP_CLOCK_FILE'];
const RealDate = globalThis.Date;
let offset = 0;

function look() {
  try {
    offset = Number(readFileSync(String(file), 'utf8')) || 0;
  } catch {
    // It is being written, or the run is over.
  }
}

if (file !== undefined) {
  look();
  setInterval(look, LOOK_MILLISECONDS).unref();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [RealDate.now() + offset] : args, newTarget),
    apply: () => new RealDate(RealDate.now() + offset).toString(),
    get: (target, name, receiver) =>
      name === 'now' ? () => RealDate.now() + offset : Reflect.get(target, name, receiver),
  });
}

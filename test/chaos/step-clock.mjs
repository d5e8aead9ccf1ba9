// @ts-check
/**
 * Preloaded into every process of an application: adds the milliseconds in the file STEP_CLOCK_FILE to `Date`, as if
 * the system clock had been set. Monotonic clocks are unchanged.
 */
import { readFileSync } from 'node:fs';

/** Milliseconds between two reads of the file. */
const LOOK_MILLISECONDS = 50;

const file = process.env['STEP_CLOCK_FILE'];
const RealDate = globalThis.Date;
let offset = 0;

function look() {
  try {
    offset = Number(readFileSync(String(file), 'utf8')) || 0;
  } catch {
    // The file is being written, or the run has ended.
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

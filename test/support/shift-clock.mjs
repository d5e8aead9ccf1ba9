/**
 * Preloaded into an application under test and all its processes: adds the milliseconds in the file
 * CLOCK_OFFSET_FILE to `Date`. A test writes the file while the application runs.
 */
import { readFileSync } from 'node:fs';

const file = process.env['CLOCK_OFFSET_FILE'] ?? '';
const Original = globalThis.Date;
let offset = read();
setInterval(() => (offset = read()), 10).unref();

globalThis.Date = class Date extends Original {
  constructor(/** @type {any[]} */ ...args) {
    // @ts-expect-error The original accepts any arguments.
    super(...(args.length === 0 ? [Original.now() + offset] : args));
  }

  static now() {
    return Original.now() + offset;
  }
};

function read() {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const HOUR = 3_600_000;

/** The successive differences between the clock of the processes and the true time, in milliseconds. */
const PROCESS_OFFSETS = [HOUR, 0, -HOUR, 0];

const PRELOAD = new URL('./step-clock.mjs', import.meta.url).href;

/** Steps the wall clocks of all processes under test. */
export class ClockSteps {
  readonly #file: string;
  #step = 0;

  constructor(directory: string) {
    this.#file = join(directory, 'clock');
  }

  /** The environment of each process of the application. */
  get environment(): NodeJS.ProcessEnv {
    return { STEP_CLOCK_FILE: this.#file };
  }

  /** The Node.js options of each process of the application. */
  get nodeOptions(): string {
    return `--import=${PRELOAD}`;
  }

  /** Steps the clocks of all processes at almost the same time. */
  async stepProcesses(): Promise<void> {
    await writeFile(this.#file, String(PROCESS_OFFSETS[this.#step++ % PROCESS_OFFSETS.length]));
  }
}

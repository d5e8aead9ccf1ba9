/** The time between two screenshots. */
const INTERVAL = 250;

/**
 * Takes screenshots of a page, one after the other.
 *
 * @typedef {{ png: Buffer, milliseconds: number }} Shot
 */
export class Film {
  /** @type {Shot[]} */
  shots = [];

  /**
   * Records what a page shows while `action` runs, and for some time after it.
   *
   * @param {import('playwright-core').Page} page
   * @param {() => Promise<unknown>} action
   * @param {number} milliseconds after the action
   */
  async record(page, action, milliseconds) {
    let end = Infinity;
    const acting = (async () => {
      try {
        await action();
      } finally {
        end = performance.now() + milliseconds;
      }
    })();
    while (performance.now() < end) {
      const start = performance.now();
      const [png] = await Promise.all([page.screenshot(), page.waitForTimeout(INTERVAL)]);
      this.shots.push({ png, milliseconds: performance.now() - start });
    }
    await acting;
  }
}

import { median } from '../../bench/support/statistics.mjs';
import { largeHost, SECTIONS } from '../../test/support/dashboard/fake-host.mjs';

const UPDATES = 30;
const TOPICS = 1_000;
/** Milliseconds between two updates, as a host sends them. */
const INTERVAL = 2_000;
/** A page that is busy for less is smooth: it responds to a key or a click within a tenth of a second. */
const MAX_MILLISECONDS = 100;

/** Notes the longest time between two frames. */
const OBSERVE = `
  globalThis.longest = 0;
  let last = performance.now();
  const frame = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
`;

/**
 * Measures the longest time without a frame after each update of a large host.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('../../test/support/dashboard/fake-dashboard.mjs').FakeDashboard} fake
 */
export async function busyTimes(browser, fake) {
  fake.host = at => largeHost(at);
  fake.sections['topics'] = at => SECTIONS.topics(at, TOPICS);
  let isMet = true;
  for (const view of ['workers', 'topics']) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${fake.url}#${view}`);
    await page.locator('#panel table').first().waitFor();
    await page.evaluate(OBSERVE);
    /** @type {number[]} */
    const longest = [];
    for (let update = 0; update < UPDATES; update++) {
      await page.evaluate('longest = 0');
      fake.tick();
      await page.waitForTimeout(INTERVAL);
      longest.push(await page.evaluate('longest'));
    }
    await page.close();
    console.log(
      `64 workers and ${TOPICS} topics, ${view}: ${Math.round(median(longest))} ms without a frame per update (at most ${Math.round(Math.max(...longest))} ms)`,
    );
    isMet &&= median(longest) < MAX_MILLISECONDS;
  }
  fake.reset();
  return isMet;
}

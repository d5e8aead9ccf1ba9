import { median } from '../../bench/support/statistics.mjs';

const ROUNDS = 11;
const MAX_BYTES = 100_000;
const MAX_MILLISECONDS = 300;

/** Notes when the content of the page is there: not only a frame, but the facts of the host. */
const OBSERVE = `
  new MutationObserver((_, observer) => {
    if (document.querySelector('.facts')) {
      globalThis.contentAt = performance.now();
      observer.disconnect();
    }
  }).observe(document, { childList: true, subtree: true });
`;

/** The first contentful paint, the content, and the bytes of all files without their headers. */
const READ = `
  ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    content: globalThis.contentAt,
    bytes: performance.getEntries()
      .filter(({ entryType, name }) => ['navigation', 'resource'].includes(entryType) && !name.endsWith('/stream'))
      .reduce((sum, { encodedBodySize }) => sum + (encodedBodySize ?? 0), 0),
  })
`;

/**
 * Opens the page with an empty cache, again and again.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 */
export async function firstPaints(browser, url) {
  /** @type {{ paint: number, content: number, bytes: number }[]} */
  const rounds = [];
  // The first page compiles the code of the workers, and starts a process of the browser.
  for (let round = 0; round <= ROUNDS; round++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(OBSERVE);
    await page.goto(url);
    await page.locator('.facts').waitFor();
    await page.waitForFunction(`performance.getEntriesByName('first-contentful-paint').length > 0`);
    rounds.push(await page.evaluate(READ));
    await context.close();
  }
  const [first, ...others] = rounds;
  const paints = others.map(each => each.paint);
  const paint = median(paints);
  const content = median(others.map(each => each.content));
  const bytes = Math.max(...others.map(each => each.bytes));
  const range = `${whole(Math.min(...paints))} … ${whole(Math.max(...paints))}`;
  console.log(
    `First paint: ${whole(paint)} ms (${range}; the first time ${whole(first?.paint)} ms), facts of the host after ${whole(content)} ms, ${bytes} bytes`,
  );
  return paint < MAX_MILLISECONDS && bytes < MAX_BYTES;
}

/** @param {number | undefined} milliseconds */
function whole(milliseconds) {
  return milliseconds === undefined ? '?' : String(Math.round(milliseconds));
}

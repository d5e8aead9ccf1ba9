/**
 * `npm run picture` makes the animated picture of the README, `docs/demo.gif`: it runs the sample application, opens its
 * pages in Chromium, presses their buttons, and records what they show. Run `npm run pretest` before.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openChromium } from '../../test/support/chromium/open-chromium.mjs';
import { animate } from './animation.mjs';
import { Film } from './film.mjs';
import { startSampleApplication } from './sample-application.mjs';

const PICTURE = fileURLToPath(new URL('../../docs/demo.gif', import.meta.url));
const MAX_BYTES = 2_000_000;
const SIZE = { width: 960, height: 600 };
const WORKERS = 4;
const NOTHING = () => Promise.resolve();

const application = await startSampleApplication(WORKERS);
const browser = await openChromium();
try {
  const film = new Film();
  await ticketRush(film, await open('/'));
  await dashboard(film, await open('/cluster'));
  const bytes = animate(film.shots);
  if (bytes.length > MAX_BYTES) {
    throw new Error(`The picture has ${bytes.length} bytes, more than ${MAX_BYTES}.`);
  }
  await writeFile(PICTURE, bytes);
  console.log(`docs/demo.gif: ${film.shots.length} screenshots, ${bytes.length} bytes`);
} finally {
  await browser.close();
  await application.stop();
}

/** @param {string} path */
async function open(path) {
  const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
  await page.goto(`${application.url}${path}`);
  return page;
}

/**
 * All tickets are sold at once; then a worker crashes, and all are replaced.
 *
 * @param {Film} film
 * @param {import('playwright-core').Page} page
 */
async function ticketRush(film, page) {
  await page
    .locator(`#cards li[data-look='good']`)
    .nth(WORKERS - 1)
    .waitFor();
  const show = (/** @type {string} */ selector) =>
    page.locator(selector).evaluate(element => element.scrollIntoView({ block: 'center' }));

  await show('#rush');
  await film.record(page, NOTHING, 1_000);
  await film.record(page, () => page.click('#rush button'), 4_500);

  await show('#cards');
  await film.record(page, NOTHING, 750);
  await film.record(
    page,
    async () => {
      await page.click(`#cards li[data-slot='1'] [data-order='crash']`);
      await page.locator(`#cards li[data-slot='1']:not([data-look='good'])`).waitFor();
      await page.locator(`#cards li[data-slot='1'][data-look='good']`).waitFor();
    },
    1_500,
  );

  await show('#reload');
  await film.record(
    page,
    async () => {
      await page.click('#reload button');
      await page.locator('#reload', { hasText: 'All workers are of generation 1' }).waitFor();
    },
    1_500,
  );
}

/**
 * What the people on call see of the same.
 *
 * @param {Film} film
 * @param {import('playwright-core').Page} page
 */
async function dashboard(film, page) {
  await page.getByRole('tab', { name: 'Workers' }).waitFor();
  await film.record(page, () => page.waitForTimeout(500), 3_000);
  await film.record(page, () => page.getByRole('tab', { name: 'Timeline' }).click(), 2_500);
  await film.record(page, () => page.getByRole('tab', { name: 'State' }).click(), 2_500);
}

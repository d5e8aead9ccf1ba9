import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { RELOADS } from '../../test/support/dashboard/fake-host.mjs';

const DIRECTORY = fileURLToPath(new URL('../../pictures/', import.meta.url));
const VIEWS = ['workers', 'timeline', 'state', 'topics', 'jobs', 'connections', 'fleet'];
const WIDTHS = [390, 1280, 2560];
/** @type {readonly ('light' | 'dark')[]} */
const SCHEMES = ['light', 'dark'];
const HEIGHT = 900;
/** Milliseconds after which the page of the sample application has figures. */
const FIGURES = 5_000;

/**
 * Takes the pictures `<view>-<width>-<scheme>.png`: of the dashboard of a host with workers in all states and a failed
 * reload, and of the page of the sample application.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('../../test/support/dashboard/fake-dashboard.mjs').FakeDashboard} fake
 * @param {string} sampleUrl
 */
export async function takePictures(browser, fake, sampleUrl) {
  await mkdir(DIRECTORY, { recursive: true });
  fake.change = { reload: RELOADS.failed(Date.now()) };
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const page = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme });
      const picture = (/** @type {string} */ name) =>
        page.screenshot({
          path: `${DIRECTORY}${name}-${width}-${colorScheme}.png`,
          fullPage: true,
        });
      for (const view of VIEWS) {
        await page.goto('about:blank');
        await page.goto(`${fake.url}#${view}`);
        await page.locator('#panel :is(table, ol)').first().waitFor();
        await picture(view);
      }
      await page.goto(sampleUrl);
      await page.locator(`#cards li[data-look='good']`).last().waitFor();
      // Until its figures are there.
      await page.waitForTimeout(FIGURES);
      await picture('sample');
      await page.close();
    }
  }
  fake.reset();
  console.log(`pictures/: ${SCHEMES.length * WIDTHS.length * (VIEWS.length + 1)} screenshots`);
  return true;
}

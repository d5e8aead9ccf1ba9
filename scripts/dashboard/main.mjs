/**
 * `npm run verify:dashboard` looks at the pages in Chromium:
 *
 * - It takes screenshots of each view of the dashboard and of the sample application, at three widths, light and dark,
 *   into `pictures/`, for people to look at.
 * - It measures the first paint of the dashboard of the sample application, and the bytes of the page.
 * - It measures for how long the page of a host with 64 workers and 1,000 topics is busy with each update.
 *
 * It fails if a page has more than 100 kB, or if a median is above its target.
 */
import { openChromium } from '../../test/support/chromium/open-chromium.mjs';
import { FakeDashboard } from '../../test/support/dashboard/fake-dashboard.mjs';
import { startSampleApplication } from '../picture/sample-application.mjs';
import { busyTimes } from './busy-times.mjs';
import { firstPaints } from './first-paints.mjs';
import { takePictures } from './pictures.mjs';

const WORKERS = 4;

const fake = await FakeDashboard.start();
const application = await startSampleApplication(WORKERS);
const browser = await openChromium();
try {
  const isMet = [
    await takePictures(browser, fake, application.url),
    await firstPaints(browser, `${application.url}/cluster`),
    await busyTimes(browser, fake),
  ];
  process.exitCode = isMet.includes(false) ? 1 : 0;
} finally {
  await browser.close();
  await application.stop();
  await fake.close();
}

import { type Browser, chromium } from 'playwright-core';
import { provideChromium } from './chromium/provide-chromium.mjs';

const open = new Set<Browser>();

/** Starts a real, headless browser. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: provideChromium(),
    headless: true,
    // Chromium refuses to run as root in its sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
  });
  open.add(browser);
  return browser;
}

/** Ends all browsers that a test has left open, with their child processes. For `afterEach`. */
export async function closeBrowsers(): Promise<void> {
  const browsers = [...open];
  open.clear();
  await Promise.all(browsers.map(browser => browser.close()));
}

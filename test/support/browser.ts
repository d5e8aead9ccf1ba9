import type { Browser } from 'playwright-core';
import { openChromium } from './chromium/open-chromium.mjs';

const open = new Set<Browser>();

/** Starts a real, headless browser. */
export async function openBrowser(): Promise<Browser> {
  const browser = await openChromium();
  open.add(browser);
  return browser;
}

/** Ends all browsers that a test has left open, with their child processes. For `afterEach`. */
export async function closeBrowsers(): Promise<void> {
  const browsers = [...open];
  open.clear();
  await Promise.all(browsers.map(browser => browser.close()));
}

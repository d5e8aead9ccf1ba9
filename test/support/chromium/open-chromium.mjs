import { chromium } from 'playwright-core';
import { provideChromium } from './provide-chromium.mjs';

/** Starts a real browser without a window. */
export function openChromium() {
  return chromium.launch({
    executablePath: provideChromium(),
    headless: true,
    // Chromium refuses to run as root in its sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

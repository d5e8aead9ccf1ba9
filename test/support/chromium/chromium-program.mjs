// @ts-check
import { WHAT_TO_DO } from './chromium.messages.mjs';

/** @type {import('../packages/needed-program.interface.js').NeededProgram} */
export const CHROMIUM = {
  what: 'a Chromium browser',
  names: [
    'chromium',
    'google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  apt: 'chromium',
  brew: ['--cask', 'google-chrome'],
  variable: 'TEST_CHROMIUM',
  whatToDo: WHAT_TO_DO,
};

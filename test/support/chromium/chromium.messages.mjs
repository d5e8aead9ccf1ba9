// @ts-check

export const WHAT_TO_DO = `Do one of these, then run the tests again:
  - name a Chromium or a Chrome that is installed:
      TEST_CHROMIUM=/path/to/chrome npm test
  - install one:
      Debian:  sudo apt-get install chromium
      Ubuntu:  sudo snap install chromium
      Fedora:  sudo dnf install chromium
      macOS:   brew install --cask google-chrome
Without a browser, the unit tests still run: npm run test:unit`;

/** @param {string} name */
export const NO_SUCH_BROWSER = name =>
  `TEST_CHROMIUM names ${name}, but there is no such program.
Correct it, or unset TEST_CHROMIUM and the tests find or install one themselves.`;

// @ts-check

/** @type {import('../packages/needed-program.interface.js').NeededProgram} */
export const FAKETIME = {
  what: 'libfaketime, to set the clock of a Redis server',
  names: ['faketime'],
  apt: 'faketime',
  brew: ['libfaketime'],
  variable: 'TEST_FAKETIME_LIBRARY',
  whatToDo: `Do one of these, then run the tests again:
  - install it:
      Debian, Ubuntu:  sudo apt-get install faketime
      Fedora:          sudo dnf install libfaketime
      macOS:           brew install libfaketime
  - name the library, as in TEST_FAKETIME_LIBRARY=/usr/lib/faketime/libfaketimeMT.so.1`,
};

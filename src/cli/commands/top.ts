import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.interface.js';
import { statusText } from '../output/status-text.js';
import { styler } from '../output/style.js';
import type { HostCommand } from './command.interface.js';
import { RequestRates } from './request-rates.js';
import { statusOf } from './values.js';
import { wholeNumber } from './whole-number.js';

const SECOND = 1_000;

/** Shows the other screen of the terminal, without a cursor; long lines are cut, and not continued in the next one. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const TO_BEGINNING = '\u001B[H';
const CLEAR_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';

/** `nestjs-cluster top` @internal */
export const top: HostCommand = async (client, { options, json }, io) => {
  const interval = numberOption(options['interval'], '--interval', 1) * SECOND;
  const count = numberOption(options['count'], '--count', Infinity);
  const isScreen = io.isTerminal && !json;
  const quit = new AbortController();
  const stopListening = isScreen ? io.onQuit(() => quit.abort()) : () => {};
  const rates = new RequestRates();
  try {
    io.print(isScreen ? ENTER : '');
    for (let round = 0; round < count && !quit.signal.aborted; round++) {
      if (round > 0) {
        await io.wait(interval, quit.signal);
      }
      const status = statusOf(await client.request('status', {}));
      const perSecond = rates.update(status);
      if (json) {
        io.print(`${JSON.stringify(status)}\n`);
      } else {
        const terms = { hello: client.hello, style: styler(io), now: io.now(), rates: perSecond };
        show(statusText(status, terms), isScreen, io);
      }
    }
  } finally {
    stopListening();
    io.print(isScreen ? LEAVE : '');
  }
  return EXIT.done;
};

function numberOption(
  value: string | boolean | undefined,
  name: string,
  byDefault: number,
): number {
  return typeof value === 'string' ? Math.max(1, wholeNumber(name, value)) : byDefault;
}

function show(lines: readonly string[], isScreen: boolean, io: Io): void {
  if (!isScreen) {
    io.print(`${lines.join('\n')}\n\n`);
    return;
  }
  const { rows } = io.size();
  const all = [...lines, '', styler(io)('dim', 'q to quit')];
  // The last line has no end: the screen would scroll.
  const shown = all.slice(0, rows).map(line => line + CLEAR_LINE);
  io.print(`${TO_BEGINNING}${shown.join('\r\n')}${CLEAR_BELOW}`);
}

import { cliMessages } from '../cli.messages.js';
import { EXIT } from '../exit-codes.js';
import { jsonText } from '../output/json-text.js';
import type { Io } from '../io.interface.js';
import { statusText } from '../output/status-text.js';
import { styler } from '../output/style.js';
import type { HostCommand } from './command.interface.js';
import { RequestRates } from './request-rates.js';
import { noteSilence } from './note-silence.js';
import { unlessQuit } from './unless-quit.js';
import { checked, VALUES } from './values.js';
import { positiveNumber } from './whole-number.js';

const SECOND = 1_000;

/** The maximum of --interval: a day, in seconds. A timer of Node cannot wait longer than 24 days. */
const MAX_INTERVAL = 86_400;

/** Shows the other screen of the terminal, without a cursor; long lines are cut, and not continued in the next one. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const TO_BEGINNING = '\u001B[H';
const CLEAR_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';

/** `nestjs-cluster top` @internal */
export const top: HostCommand = async (client, { options, json }, io) => {
  const interval = numberOption(options['interval'], '--interval', 1, MAX_INTERVAL) * SECOND;
  const count = numberOption(options['count'], '--count', Infinity);
  const isScreen = io.isTerminal && !json;
  const quit = new AbortController();
  const stopListening = isScreen ? io.onQuit(() => quit.abort()) : () => {};
  const rates = new RequestRates();
  let lines: readonly string[] = [];
  const onSilence = (): void => {
    if (isScreen) {
      show([...lines, '', styler(io)('red', cliMessages.noAnswer())], io);
    } else {
      io.note(`${cliMessages.noAnswer()}\n`);
    }
  };
  try {
    io.print(isScreen ? ENTER : '');
    for (let round = 0; round < count && !quit.signal.aborted; round++) {
      const reply = unlessQuit(client.request('status', {}), quit.signal);
      const value = await noteSilence(reply, onSilence);
      if (quit.signal.aborted) {
        break;
      }
      const status = checked(VALUES.status, value);
      const perSecond = rates.update(status);
      const terms = { hello: client.hello, style: styler(io), now: io.now(), rates: perSecond };
      lines = statusText(status, terms);
      if (isScreen) {
        show(lines, io);
      } else {
        io.print(json ? `${jsonText(status)}\n` : `${lines.join('\n')}\n\n`);
      }
      if (round + 1 < count) {
        await io.wait(interval, quit.signal);
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
  maximum = Infinity,
): number {
  return typeof value === 'string' ? positiveNumber(name, value, maximum) : byDefault;
}

function show(lines: readonly string[], io: Io): void {
  const all = [...lines, '', styler(io)('dim', 'q to quit')];
  // The last line has no end: the screen would scroll.
  const shown = all.slice(0, io.rows()).map(line => line + CLEAR_LINE);
  io.print(`${TO_BEGINNING}${shown.join('\r\n')}${CLEAR_BELOW}`);
}

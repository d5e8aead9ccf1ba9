import type { ControlOutput } from '../../control/control-messages.js';
import { EXIT } from '../exit-codes.js';
import { slotName } from '../output/format.js';
import { jsonText } from '../output/json-text.js';
import type { Io } from '../io.interface.js';
import { safeLine } from '../output/safe-line.js';
import { hasColors, SLOT_STYLES, styler } from '../output/style.js';
import type { HostCommand } from './command.interface.js';
import { checked, VALUES } from './values.js';
import { wholeNumber } from './whole-number.js';

/** `nestjs-cluster logs [slot]` @internal */
export const logs: HostCommand = async (client, { args: [slot], options, json }, io) => {
  const params = {
    ...(slot !== undefined && { slot: wholeNumber('[slot]', slot) }),
    follow: options['no-follow'] !== true,
  };
  let isFirst = true;
  await client.request('logs', params, value => {
    if (isFirst) {
      isFirst = false;
      noteStreams(checked(VALUES.streams, value).streams, io);
    } else {
      show(checked(VALUES.output, value), json, io);
    }
  });
  return EXIT.done;
};

function noteStreams(streams: readonly string[], io: Io): void {
  if (!streams.includes('stdout')) {
    io.note(
      'The standard output of the workers is a file or a terminal, and is not shown here; their standard error is.\n',
    );
  }
}

function show({ slot, pid, stream, text }: ControlOutput, json: boolean, io: Io): void {
  const style = styler(io);
  const name = slotName(slot);
  const color = SLOT_STYLES[Math.max(0, slot) % SLOT_STYLES.length]!;
  const lines = text.replace(/\n$/, '').split('\n');
  const shown = lines.map(line =>
    json
      ? jsonText({ slot, pid, stream, line })
      : `${style(color, `${name} |`)} ${safeLine(line, hasColors(io))}`,
  );
  io.print(`${shown.join('\n')}\n`);
}

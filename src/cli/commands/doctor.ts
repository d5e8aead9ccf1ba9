import { printableMessage } from '../../system/text/printable.js';
import { EXIT } from '../exit-codes.js';
import { jsonText } from '../output/json-text.js';
import { styler } from '../output/style.js';
import type { HostCommand } from './command.interface.js';
import { checked, VALUES } from './values.js';

/** `nestjs-cluster doctor` @internal */
export const doctor: HostCommand = async (client, { json }, io) => {
  const findings = checked(VALUES.doctor, await client.request('doctor', {}));
  const style = styler(io);
  if (json) {
    io.print(`${jsonText(findings)}\n`);
  } else if (findings.length === 0) {
    io.print('The doctor has found nothing.\n');
  } else {
    const lines = findings.map(({ check, what, remedy }) =>
      [
        `${style('yellow', printableMessage(check))}: ${printableMessage(what)}.`,
        `  ${printableMessage(remedy)}.`,
      ].join('\n'),
    );
    io.print(`${lines.join('\n')}\n`);
  }
  return findings.length === 0 ? EXIT.done : EXIT.failed;
};

import { printable } from '../../system/text/printable.js';
import { EXIT } from '../exit-codes.js';
import { dateAndTime, duration } from '../output/format.js';
import { jsonText } from '../output/json-text.js';
import { styler } from '../output/style.js';
import { table } from '../output/text-table.js';
import type { HostCommand } from './command.interface.js';
import { checked, type JobValue, VALUES } from './values.js';

const HEAD = ['job', 'kind', 'runs', 'state', 'last run', 'took', 'result', 'next run'];

/** `nestjs-cluster jobs` @internal */
export const jobs: HostCommand = async (client, { json }, io) => {
  const value = checked(VALUES.jobs, await client.request('jobs', {}));
  if (json) {
    io.print(`${jsonText(value)}\n`);
    return EXIT.done;
  }
  const [title = '', ...lines] = table([HEAD, ...value.map(row)], HEAD.length);
  io.print(`${[styler(io)('dim', title), ...lines].join('\n')}\n`);
  return EXIT.done;
};

function row({ name, kind, run, isPaused, lastRun, nextRun }: JobValue): readonly string[] {
  return [
    printable(name),
    printable(kind),
    printable(run),
    isPaused ? 'paused' : 'active',
    lastRun ? dateAndTime(lastRun.at) : '-',
    lastRun ? duration(lastRun.duration) : '-',
    lastRun ? printable(lastRun.result) : '-',
    nextRun === undefined ? '-' : dateAndTime(nextRun),
  ];
}

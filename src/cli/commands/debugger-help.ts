import type { InspectionProgress } from '../../control/inspection.js';
import { printable } from '../../system/text/printable.js';
import { duration } from '../output/format.js';

/** Returns how to connect a debugger to an open inspector. @internal */
export function debuggerHelp(
  slot: number,
  { pid, url, remaining }: Extract<InspectionProgress, { type: 'open' }>,
): string {
  const { host, port, pathname } = new URL(url);
  return [
    `The inspector of worker ${slot} (pid ${pid}) is open on this machine for ${duration(remaining)}:`,
    `  ${printable(url)}`,
    `Chrome: open devtools://devtools/bundled/js_app.html?ws=${printable(host + pathname)}`,
    `Visual Studio Code: attach to port ${port}. Terminal: node inspect ${host}`,
    'A breakpoint blocks the worker; the other workers continue. Ctrl-C closes the inspector.',
  ].join('\n');
}

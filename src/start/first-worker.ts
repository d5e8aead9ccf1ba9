import { EventEmitter } from 'node:events';
import { open } from '../ipc/envelope.js';
import { IpcChannel } from '../ipc/ipc-channel.js';
import type { IpcLink } from '../ipc/ipc-link.interface.js';
import { primaryEnd } from '../ipc/protocol.js';
import type { Fork, WorkerProcess } from '../supervisor/node-cluster/worker-process.js';
import { onceMarks } from '../state/once-marks.js';
import { deferred } from '../system/async/deferred.js';
import { isRecord } from '../system/is-record.js';
import type { OptionsReport } from './options-data.js';
import { type OnceReport, optionsProtocol } from './options.protocol.js';
import { type ProcessEnd, RecordedWorker } from './recorded-worker.js';

/** What becomes known about the first worker: its options, or why there are none. @internal */
export type FirstReport =
  | OptionsReport
  | { readonly type: 'ended'; readonly end: ProcessEnd }
  | { readonly type: 'listens' }
  | { readonly type: 'incompatible' };

/** The worker of slot 0, which is forked before the options are known, and reports them. @internal */
export interface FirstWorker {
  readonly worker: RecordedWorker;
  readonly report: Promise<FirstReport>;
}

/** Forks the worker of slot 0, and waits for its report. @internal */
export function forkFirst(fork: Fork): FirstWorker {
  const reported = deferred<FirstReport>();
  const link = Object.assign(new EventEmitter(), { connected: true }) as EventEmitter & IpcLink;
  const channel = new IpcChannel(link, primaryEnd([optionsProtocol]), {
    onMessage: message => {
      const report = message as OptionsReport | OnceReport;
      if (report.type === 'once') {
        report.marks.forEach(mark => onceMarks().set(mark.key, mark));
      } else {
        reported.resolve(report);
      }
    },
    // Only the supervisor knows the other messages.
    onInvalid: () => {},
    onFault: () => {},
    onIncompatible: () => reported.resolve({ type: 'incompatible' }),
  });
  const forked = fork({
    slot: 0,
    generation: 0,
    standsBy: false,
    isQuiet: false,
    earlyTask: 'report',
  });
  const worker = new RecordedWorker(forked, message => {
    link.emit('message', message);
    const types = reportsIn(message);
    if (types.some(type => type !== 'once')) {
      // A valid report has been taken above.
      reported.resolve({ type: 'incompatible' });
    }
    return types.length > 0;
  });
  forked.onListening(() => reported.resolve({ type: 'listens' }));
  // The end may be noticed before the last messages are read.
  void Promise.all([worker.ended, endOfChannel(forked)]).then(([end]) =>
    reported.resolve({ type: 'ended', end }),
  );
  return { worker, report: reported.promise.finally(() => channel.close()) };
}

function endOfChannel(worker: WorkerProcess): Promise<void> {
  return worker.pid === 0
    ? Promise.resolve()
    : new Promise(resolve => worker.onDisconnect(resolve));
}

/** Returns the types of the reports in an envelope, which the supervisor does not know. */
function reportsIn(message: unknown): readonly string[] {
  const content: unknown = open(message)?.content;
  const packets: readonly unknown[] = Array.isArray(content) ? content : [];
  return packets.flatMap(packet => {
    const inner = isRecord(packet) ? packet['message'] : undefined;
    const type = isRecord(inner) ? String(inner['type']) : '';
    return Object.hasOwn(optionsProtocol.toPrimary, type) ? [type] : [];
  });
}

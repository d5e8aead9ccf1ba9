import { resolve } from 'node:path';
import type { ControlRequestName, ControlRequests } from '../../control/control-messages.js';
import type {
  InspectionFile,
  InspectionProgress,
  InspectResult,
} from '../../control/inspection.js';
import { printable, printableLines } from '../../system/text/printable.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { ControlClient } from '../host/control-client.js';
import { jsonText } from '../output/json-text.js';
import type { Io } from '../io.interface.js';
import { duration, fileSize, megabytes } from '../output/format.js';
import type { CommandInput, HostCommand } from './command.interface.js';
import { debuggerHelp } from './debugger-help.js';
import { unlessQuit } from './unless-quit.js';
import { checked, VALUES } from './values.js';
import { wholeNumber } from './whole-number.js';

/** The maximum length of a path. */
const MAX_PATH = 4_096;

const OPEN_PROFILE =
  'Open it in Visual Studio Code, or in the Performance panel of the Chrome DevTools.';

const OPEN_SNAPSHOT =
  'Open it in the Memory panel of the Chrome DevTools, and delete it afterwards.';

const PROGRESS: ReadonlySet<InspectionProgress['type']> = new Set([
  'profiling',
  'heap',
  'written',
  'open',
] as const);

/** Why an inspection has ended. A newer host may have further reasons. */
const WHY_ENDED: Readonly<Record<string, string>> = {
  time: 'The time is over',
  exited: 'The worker has exited',
} satisfies Record<InspectResult['ended'], string>;

/** `nestjs-cluster trace <slot>` @internal */
export const trace: HostCommand = async (client, { args: [slot = ''], json }, io) => {
  const params = { slot: wholeNumber('<slot>', slot) };
  const value = checked(VALUES.trace, await client.request('trace', params));
  if (json) {
    return print(io, jsonText(value));
  }
  const { stack, overdue, pid } = value;
  const worker = `Worker ${value.slot} (pid ${pid})`;
  if (stack === undefined) {
    return print(
      io,
      `${worker} runs no JavaScript of the application at the moment: its event loop waits. The command cpu shows what it does over time.`,
    );
  }
  const state =
    overdue === undefined ? 'is running' : `has been blocked for at least ${duration(overdue)}`;
  return print(io, `${worker} ${state}:\n${printableLines(stack)}`);
};

/** `nestjs-cluster cpu <slot>` @internal */
export const cpu: HostCommand = (client, input, io) => {
  const { seconds } = input.options;
  const params = {
    ...target(client, input, 'cpuprofile', io),
    ...(typeof seconds === 'string' && { seconds: wholeNumber('--seconds', seconds) }),
  };
  return toFile(client, 'cpu', params, input, io, OPEN_PROFILE);
};

/** `nestjs-cluster heap <slot>` @internal */
export const heap: HostCommand = (client, input, io) => {
  const params = target(client, input, 'heapsnapshot', io);
  if (!input.json) {
    io.note(
      'A heap snapshot blocks the worker, for several seconds with a large heap. The file is about as large as the heap, and the worker needs about as much memory again. ' +
        'The file contains everything that the worker has in its memory, passwords and personal data too.\n',
    );
  }
  return toFile(client, 'heap', params, input, io, OPEN_SNAPSHOT);
};

/** `nestjs-cluster inspect <slot>` @internal */
export const inspect: HostCommand = async (client, { args: [slot = ''], options, json }, io) => {
  const { minutes } = options;
  const params = {
    slot: wholeNumber('<slot>', slot),
    ...(typeof minutes === 'string' && { minutes: wholeNumber('--minutes', minutes) }),
  };
  const left = new AbortController();
  const stopListening = io.onQuit(() => left.abort());
  const opened = client.request('inspect', params, value => {
    const progress = progressOf(value);
    if (json) {
      io.print(`${jsonText(progress ?? value)}\n`);
    } else if (progress?.type === 'open') {
      io.print(`${debuggerHelp(params.slot, progress)}\n`);
    }
  });
  try {
    const ended = await unlessQuit(opened, left.signal);
    if (ended === undefined) {
      // The primary closes the inspector when the connection ends.
      io.note('The inspector is closed.\n');
    } else if (json) {
      io.print(`${jsonText(checked(VALUES.inspect, ended))}\n`);
    } else {
      const reason = checked(VALUES.inspect, ended).ended;
      io.note(`${WHY_ENDED[reason] ?? printable(reason)}. The inspector is closed.\n`);
    }
    return EXIT.done;
  } finally {
    stopListening();
  }
};

type FileRequest = Extract<ControlRequestName, 'cpu' | 'heap'>;

/** Returns the worker and the file of a request. */
function target(
  { hello }: Pick<ControlClient, 'hello'>,
  { args: [slot = ''], options }: CommandInput,
  extension: string,
  { places: [place = '.'], now }: Io,
): ControlRequests['heap'] {
  const number = wholeNumber('<slot>', slot);
  const { output } = options;
  const time = new Date(now()).toISOString().replaceAll(/[-:]|\.\d+Z/g, '');
  const name = `${hello.name.replaceAll(/[^\w.-]/g, '_')}-${number}-${time}.${extension}`;
  return { slot: number, file: resolve(place, typeof output === 'string' ? output : name) };
}

async function toFile<Name extends FileRequest>(
  client: ControlClient,
  name: Name,
  params: ControlRequests[Name],
  { json }: CommandInput,
  io: Io,
  hint: string,
): Promise<ExitCode> {
  const reply = await client.request(name, params, value => {
    const text = json ? undefined : progressText(params.slot, progressOf(value));
    if (text !== undefined) {
      io.note(`${text}\n`);
    }
  });
  const result: InspectionFile = checked(VALUES.file, reply);
  if (json) {
    return print(io, jsonText(result));
  }
  // A script needs the path as it is.
  print(io, io.isTerminal ? printable(result.file, MAX_PATH) : result.file);
  io.note(`${fileSize(result.bytes)}. ${hint}\n`);
  return EXIT.done;
}

/** Returns the progress; `undefined` if it is one of a newer host. @throws CliError if it is malformed */
function progressOf(value: unknown): InspectionProgress | undefined {
  const { type } = checked(VALUES.anyProgress, value);
  return PROGRESS.has(type) ? checked(VALUES.progress, value) : undefined;
}

function progressText(slot: number, progress: InspectionProgress | undefined): string | undefined {
  if (progress?.type === 'profiling') {
    return `Profiling worker ${slot} (pid ${progress.pid}) for ${progress.seconds} s.`;
  }
  if (progress?.type === 'heap') {
    return `Taking a heap snapshot of worker ${slot} (pid ${progress.pid}), which uses ${megabytes(progress.used)} of heap.`;
  }
  return progress?.type === 'written' ? `${megabytes(progress.bytes)} are written.` : undefined;
}

function print(io: Io, text: string): ExitCode {
  io.print(`${text}\n`);
  return EXIT.done;
}

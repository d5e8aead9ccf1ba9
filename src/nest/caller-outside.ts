import { fileURLToPath } from 'node:url';
import { OWN_CODE } from '../system/own-package.js';

const directory = OWN_CODE && fileURLToPath(OWN_CODE);

/**
 * Returns the file of the nearest caller that is not part of this package, if there is one.
 *
 * @internal
 */
export function callerOutside(): string | undefined {
  const { stackTraceLimit } = Error;
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  try {
    Error.stackTraceLimit = 20;
    Error.prepareStackTrace = (_, frames) => frames;
    const frames = new Error('where from').stack as unknown as readonly NodeJS.CallSite[];
    return frames.map(fileOf).find(file => file !== undefined && !isOwn(file));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepare) {
      Object.defineProperty(Error, 'prepareStackTrace', prepare);
    } else {
      Reflect.deleteProperty(Error, 'prepareStackTrace');
    }
  }
}

function isOwn(file: string): boolean {
  return directory !== undefined && file.startsWith(directory);
}

function fileOf(frame: NodeJS.CallSite): string | undefined {
  const name = frame.getFileName();
  if (!name || name.startsWith('node:')) {
    return undefined;
  }
  return name.startsWith('file:') ? fileURLToPath(name) : name;
}

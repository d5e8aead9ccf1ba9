import { readFileSync } from 'node:fs';
import { isRecord } from './is-record.js';

/** Returns the object in a JSON file; `undefined` if the file does not exist or contains something else. @internal */
export function readJson(file: string | URL): Record<string, unknown> | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../system/text/printable.js';

/** The line is part of log lines, of the status and of health responses. */
const LONGEST_ERROR_LINE = 500;

/** The prefix of an error in Nest's log: its name, the process, the time, the level and a context. */
const LOG_PREFIX = /^\[Nest\] .*? (?:ERROR|FATAL) (?:\[[^\]]*\] )?/;

/**
 * Returns the line that tells what failed: the last line that names an error, otherwise the last line. User names
 * and passwords in URLs are removed. It has at most 500 characters, and no control characters.
 *
 * @internal
 */
export function errorLine(output: string): string | undefined {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map(line => messageOf(line.trim()).replace(LOG_PREFIX, ''))
    .filter(Boolean);
  const line =
    lines.findLast(each => /^(Uncaught )?\w*(Error|Exception)\b.*:/.test(each)) ?? lines.at(-1);
  const told = line && printable(line.replaceAll(/\/\/\S*@/g, '//***@'));
  return told && told.length > LONGEST_ERROR_LINE
    ? `${told.slice(0, LONGEST_ERROR_LINE - 1)}…`
    : told;
}

/** Of a JSON record, the message; loggers call it `message` or `msg`. */
function messageOf(line: string): string {
  if (!line.startsWith('{')) {
    return line;
  }
  try {
    const { message, msg = message } = JSON.parse(line) as Record<string, unknown>;
    return typeof msg === 'string' ? (msg.trim().split('\n')[0] ?? '') : line;
  } catch {
    return line;
  }
}

/**
 * Returns the output without what differs between workers that fail for the same reason: colors, process ids, times.
 *
 * @internal
 */
export function withoutNumbers(output: string): string {
  return stripVTControlCharacters(output).replaceAll(/\d+/g, '#').trim();
}

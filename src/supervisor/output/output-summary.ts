import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../system/text/printable.js';

/** It stands in log lines, in the status and in answers to probes. */
const LONGEST_ERROR_LINE = 500;

/** What Nest's logger writes before an error: its name, the process, the time, the level and a context. */
const LOG_PREFIX = /^\[Nest\] .*? (?:ERROR|FATAL) (?:\[[^\]]*\] )?/;

/**
 * The line that tells what went wrong: the last one that names an error, else the last one. Users and
 * passwords in URLs are left out. At most 500 characters, none of which controls a terminal.
 *
 * @internal
 */
export function errorLine(output: string): string | undefined {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map(line => line.trim().replace(LOG_PREFIX, ''))
    .filter(Boolean);
  const line =
    lines.findLast(each => /^(Uncaught )?\w*(Error|Exception)\b.*:/.test(each)) ?? lines.at(-1);
  const told = line && printable(line.replaceAll(/\/\/\S*@/g, '//***@'));
  return told && told.length > LONGEST_ERROR_LINE
    ? `${told.slice(0, LONGEST_ERROR_LINE - 1)}…`
    : told;
}

/**
 * Output without what differs from one worker to the next: colours, process ids, times.
 *
 * @internal
 */
export function withoutNumbers(output: string): string {
  return stripVTControlCharacters(output).replaceAll(/\d+/g, '#').trim();
}

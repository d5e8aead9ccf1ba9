import { stripVTControlCharacters } from 'node:util';

/**
 * The line that tells what went wrong: the last one that names an error, else the last one.
 *
 * @internal
 */
export function errorLine(output: string): string | undefined {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
  return (
    lines.findLast(line => /^(Uncaught )?\w*(Error|Exception)\b.*:/.test(line)) ?? lines.at(-1)
  );
}

/**
 * Output without what differs from one worker to the next: colours, process ids, times.
 *
 * @internal
 */
export function withoutNumbers(output: string): string {
  return stripVTControlCharacters(output).replaceAll(/\d+/g, '#').trim();
}

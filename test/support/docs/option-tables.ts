import type { OptionDoc } from './option-docs.js';
import { appliedBy } from './option-changes.js';

const MARKS = /(<!-- options: ([\w, ]+) -->\n)[^]*?(\n<!-- \/options -->)/g;

const HEAD = [
  '| option | type | default | environment variable | change | meaning |',
  '| - | - | - | - | - | - |',
];

/** The names between each pair of marks of a page: `boot`, or `workers, spare`. */
export function groupsOn(page: string): string[] {
  return [...page.matchAll(MARKS)].flatMap(([, , names = '']) => names.split(', '));
}

/** Writes the tables between the marks of a page. */
export function writeOptionTables(page: string, options: readonly OptionDoc[]): string {
  return page.replaceAll(MARKS, (_, begin: string, names: string, end: string) => {
    const rows = names
      .split(', ')
      .flatMap(name => options.filter(({ path }) => path === name || path.startsWith(`${name}.`)));
    return begin + [...HEAD, ...rows.map(row)].join('\n') + end;
  });
}

function row({ path, type, byDefault, env, summary }: OptionDoc): string {
  const cells = [
    code(path),
    code(type),
    defaultCell(byDefault),
    env ? code(env) : '',
    appliedBy(path) ?? '?',
    summary,
  ];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Literals are code; anything else is a description, and may contain code itself. */
function defaultCell(text = ''): string {
  return isLiteral(text) ? code(text) : text;
}

/** Whether this is a number, a boolean or one text in quotes. */
export function isLiteral(text: string): boolean {
  return /^(-?[\d.]+|true|false|'[^']*')$/.test(text);
}

function code(text: string): string {
  return `\`${text}\``;
}

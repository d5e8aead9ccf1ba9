/** A fenced block of a page. */
export interface FencedBlock {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown text, including those in lists. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  return [...markdown.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = '', language = '', text = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** One line of a Dockerfile: `{ name: 'USER', rest: 'node' }`. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The stages of a Dockerfile. Each begins with its `FROM`. */
export function readDockerfile(text: string): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const line of text.replaceAll(/\\\n\s*/g, '').split('\n')) {
    const [, name, rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      stages.push([]);
    }
    if (name !== undefined) {
      stages.at(-1)?.push({ name, rest });
    }
  }
  return stages;
}

/** The arguments of `CMD` or `HEALTHCHECK … CMD` without the options, if it is in exec form, else `undefined`. */
export function execForm(rest: string): string[] | undefined {
  const list = /\[.*\]$/.exec(rest)?.[0];
  return list === undefined ? undefined : (JSON.parse(list) as string[]);
}

/** `{ a: '1' }` for `a=1`, as in `ENV` and `Environment=`, and for `--a=1` or `-e a=1` in a command. */
export function assignments(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(?:^|\s)-{0,2}([A-Za-z][\w-]*)=(\S+)/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
}

/** The settings of a systemd unit, by section. If a setting occurs twice, the last value counts. */
export function readUnit(text: string): Record<string, Record<string, string>> {
  const unit: Record<string, Record<string, string>> = {};
  let section = '';
  for (const line of text.split('\n')) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    section = name ?? section;
    unit[section] ??= {};
    if (key !== undefined && value !== undefined) {
      unit[section]![key] = value;
    }
  }
  return unit;
}

/** The milliseconds of `30`, `'30'`, `'30s'` or `'30 s'`. Numbers without a unit are seconds. */
export function inMilliseconds(duration: string | number | undefined): number {
  const [, seconds] = /^(\d+)\s*s?$/.exec(String(duration)) ?? [];
  if (seconds === undefined) {
    throw new Error(`${duration} is not a number of seconds`);
  }
  return Number(seconds) * 1_000;
}

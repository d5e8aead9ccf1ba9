/** The samples of a text: their names with labels, and their values. */
export function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map(line => {
      const [, name = '', value = ''] = /^(\S+?(?:\{.*?\})?) (\S+)(?: # .*)?$/.exec(line) ?? [];
      return [name, Number(value.replace('+Inf', 'Infinity').replace('-Inf', '-Infinity'))];
    }),
  );
}

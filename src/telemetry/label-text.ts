/** Labels of a metric, as prom-client has them. @internal */
export type Labels = Readonly<Record<string, string | number | undefined>>;

/** Returns a text as the value of a label in the text format. @internal */
export function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
    : value;
}

/**
 * Returns labels in the text format, without braces: `method="GET",code="200"`. The same labels always have the same
 * text: those of `names` come first, in this order, then the others in alphabetical order. Labels without a value are
 * left out.
 *
 * @throws Error if the name of a label has a line break
 * @internal
 */
export function labelText(labels: Labels, names: readonly string[] = []): string {
  let text = '';
  let shown = 0;
  const all = Object.keys(labels);
  const add = (name: string): void => {
    const value = labels[name];
    shown++;
    if (value !== undefined) {
      text += `${text === '' ? '' : ','}${name}="${escapeLabel(String(value))}"`;
    }
  };
  for (const name of names) {
    if (Object.hasOwn(labels, name)) {
      add(name);
    }
  }
  if (shown < all.length) {
    all
      .filter(name => !names.includes(name))
      .toSorted()
      .forEach(add);
  }
  if (text.includes('\n')) {
    throw new Error('The name of a label has a line break.');
  }
  return text;
}

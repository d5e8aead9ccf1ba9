/** Reads a whole number from the environment. Throws while the application loads, before any worker is forked. */
export function wholeNumber(name: string, defaultValue: number, max: number): number {
  const text = process.env[name] ?? String(defaultValue);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max) {
    throw new Error(`${name} takes a whole number from 1 to ${max}; got ${JSON.stringify(text)}`);
  }
  return value;
}

const ESCAPE = String.fromCodePoint(0x1b);

/** The sequences that set colors and weights: they end with the line, and do no harm. */
const STYLING = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');

/** Control characters other than the tabulator, and controls of the writing direction. */
const CONTROL = /(?!\t)[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * Returns a line of a worker's output for the terminal. Colors stay; other control sequences could move the cursor or
 * change the terminal, and are shown escaped.
 *
 * @param keepsColors whether colors stay; without, they are removed
 * @internal
 */
export function safeLine(line: string, keepsColors: boolean): string {
  const styles = keepsColors ? [...line.matchAll(STYLING)].map(([sequence]) => sequence) : [];
  const texts = line.replace(/\r$/, '').split(STYLING).map(escapeControls);
  const styled = texts.map((text, index) => text + (styles[index] ?? '')).join('');
  return styles.length > 0 ? `${styled}\u001B[0m` : styled;
}

/** Returns a text in which control characters other than the tabulator are escaped as in JavaScript and JSON. @internal */
export function escapeControls(text: string): string {
  return text.replaceAll(
    CONTROL,
    character => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

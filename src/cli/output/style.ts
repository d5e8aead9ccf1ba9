import type { Io } from '../io.interface.js';

/** @internal */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'blue';

const CODES: Readonly<Record<Style, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
};

/** Returns whether the output has colors: in a terminal that can show them, if `NO_COLOR` is not set. @internal */
export function hasColors({ env, isTerminal }: Pick<Io, 'env' | 'isTerminal'>): boolean {
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** Returns the function that styles texts for the terminal; without colors, it returns them as they are. @internal */
export function styler(io: Pick<Io, 'env' | 'isTerminal'>): (style: Style, text: string) => string {
  const isStyled = hasColors(io);
  return (style, text) => (isStyled ? `\u001B[${CODES[style]}m${text}\u001B[0m` : text);
}

/** The colors by which workers are told apart. @internal */
export const SLOT_STYLES: readonly Style[] = ['cyan', 'magenta', 'green', 'yellow', 'blue'];

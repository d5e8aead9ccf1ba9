import { inspect } from 'node:util';

/** Maximum characters of one text in a log line or an error message. */
const MAX_LENGTH = 500;

/** Stands for a thrown value that throws when it is read. @internal */
export const UNREADABLE = 'a value that cannot be printed';

/** Maximum characters of a whole error message, and of a line of a stack trace. */
const MAX_LINE_LENGTH = 4_000;

const MAX_LINES = 200;

/**
 * What a terminal or a log reader does not show as itself: control characters (C0, C1, and with them escape
 * sequences), separators of lines and paragraphs, controls of the writing direction, and halves of characters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Returns a text from outside as one line that is safe to log: characters that could end the line, move the
 * cursor or change the writing direction are escaped as in JavaScript, and a long text is shortened.
 *
 * @param maxLength characters of the text that are shown at most
 * @internal
 */
export function printable(text: string, maxLength = MAX_LENGTH): string {
  if (text.length <= maxLength) {
    return text.replace(UNPRINTABLE, escape);
  }
  const isCutInHalf = /[\ud800-\udbff]/.test(text.charAt(maxLength - 1));
  return `${text.slice(0, isCutInHalf ? maxLength - 1 : maxLength).replace(UNPRINTABLE, escape)}…`;
}

/** Returns a message as {@link printable} does, but up to the length of a long sentence. @internal */
export function printableMessage(message: string): string {
  return printable(message, MAX_LINE_LENGTH);
}

/** Returns a text of several lines in which each line is {@link printable}. @internal */
export function printableLines(text: string): string {
  const lines = text.split(/\r?\n/);
  const shown = lines.slice(0, MAX_LINES).map(printableMessage);
  return (lines.length > MAX_LINES ? [...shown, '…'] : shown).join('\n');
}

/** Returns what was thrown as one {@link printable} line: the message of an error. @internal */
export function printableError(error: unknown): string {
  try {
    return printableMessage(error instanceof Error ? messageOf(error) : textOf(error));
  } catch {
    return UNREADABLE;
  }
}

/**
 * Returns the stack trace of what was thrown. Its message becomes one line: an error with a text from outside in its
 * message could otherwise forge a log line.
 *
 * @internal
 */
export function printableStack(error: unknown): string {
  try {
    return stackOf(error);
  } catch {
    // The value throws when it is read.
    return UNREADABLE;
  }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return printableMessage(textOf(error));
  }
  const message = messageOf(error);
  const stack = typeof error.stack === 'string' ? error.stack : message;
  const start = message === '' ? -1 : stack.indexOf(message);
  if (start === -1) {
    return printableLines(stack);
  }
  const end = start + message.length;
  return printableLines(`${stack.slice(0, start)}${printableMessage(message)}${stack.slice(end)}`);
}

function escape(character: string): string {
  const code = character.charCodeAt(0);
  return (
    NAMED[character] ??
    (code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`)
  );
}

/** Returns the message of an error, which may be of any type. */
function messageOf({ message }: { readonly message: unknown }): string {
  return textOf(message);
}

function textOf(thrown: unknown): string {
  try {
    return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 0 });
  } catch {
    return UNREADABLE;
  }
}

import { MAX_VALUE_LENGTH, type PeekedValue } from './state-inspection.interface.js';

/** Returns a JSON text, cut off at the limit. @internal */
export function cutText(text: string, isTruncated = text.length > MAX_VALUE_LENGTH): PeekedValue {
  return { text: text.slice(0, MAX_VALUE_LENGTH), isTruncated };
}

/** Returns the fields of a map as JSON, up to the limit. @internal */
export function mapText(fields: Iterable<readonly [string, string]>, isPart = false): PeekedValue {
  return joined('{}', fields, ([field, value]) => `${JSON.stringify(field)}:${value}`, isPart);
}

/** Returns the members of a set as JSON, up to the limit. @internal */
export function setText(fields: Iterable<readonly [string, string]>, isPart = false): PeekedValue {
  return joined('[]', fields, ([member]) => member, isPart);
}

/** Returns the members of a leaderboard with their scores as JSON, up to the limit. @internal */
export function leaderboardText(
  members: Iterable<readonly [string, number]>,
  isPart = false,
): PeekedValue {
  return joined('[]', members, scored => JSON.stringify(scored), isPart);
}

/**
 * Whether a map is a set, as far as one of its fields shows: the fields of a set are JSON texts, and their values are all
 * the same.
 *
 * @internal
 */
export function looksLikeSet(field: string, value: string): boolean {
  if (value !== '1') {
    return false;
  }
  try {
    return JSON.stringify(JSON.parse(field)) === field;
  } catch {
    return false;
  }
}

function joined<Part>(
  brackets: string,
  parts: Iterable<Part>,
  textOf: (part: Part) => string,
  isPart: boolean,
): PeekedValue {
  const [open = '', close = ''] = brackets;
  let text = '';
  for (const part of parts) {
    const next = textOf(part);
    if (text.length + next.length + 3 > MAX_VALUE_LENGTH) {
      return { text: `${open}${text}${close}`, isTruncated: true };
    }
    text += text === '' ? next : `,${next}`;
  }
  return { text: `${open}${text}${close}`, isTruncated: isPart };
}

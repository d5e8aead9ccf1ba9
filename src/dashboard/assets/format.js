/** Texts of values. An unknown value has no text: `null`. All functions are pure. */

const isKnown = value => typeof value === 'number' && Number.isFinite(value);

const digits = value => (Math.abs(value) < 9.95 && !Number.isInteger(value) ? 1 : 0);

/** A number with a space that does not break before its unit. */
const withUnit = (value, unit) =>
  `${value.toLocaleString(undefined, { maximumFractionDigits: digits(value) })}${unit && `\u00a0${unit}`}`;

/** Returns a number with at most one decimal. */
export const number = value => (isKnown(value) ? withUnit(value, '') : null);

/** @param {number | null | undefined} value events per second */
export const rate = value => (isKnown(value) ? `${withUnit(value, '')}/s` : null);

/** @param {number | null | undefined} share from 0 to 1 */
export const percent = share => (isKnown(share) ? withUnit(Math.round(share * 100), '%') : null);

/** @param {number | null | undefined} size in bytes */
export function bytes(size) {
  if (!isKnown(size)) {
    return null;
  }
  const power = size < 1_000 ? 0 : Math.min(4, Math.floor(Math.log10(size) / 3));
  return withUnit(size / 1_000 ** power, ['B', 'kB', 'MB', 'GB', 'TB'][power]);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** Returns a duration in one or two units. @param {number | null | undefined} ms */
export function duration(ms) {
  if (!isKnown(ms)) {
    return null;
  }
  if (ms < 999.5) {
    return withUnit(ms, 'ms');
  }
  if (ms < 60_000) {
    return withUnit(ms / 1_000, 's');
  }
  const place = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[place];
  const [smaller, smallerSize] = UNITS[place + 1];
  const rest = Math.floor((ms % size) / smallerSize);
  return withUnit(Math.floor(ms / size), unit) + (rest > 0 ? ` ${withUnit(rest, smaller)}` : '');
}

/** Returns `1 worker`, `2 workers` or `2 entries`. */
export const counted = (count, noun) =>
  `${number(count) ?? '?'} ${count === 1 ? noun : `${noun.replace(/ry$/, 'rie')}s`}`;

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' };

/** Returns the time of day, with the date if it is not the day of `now`. */
export function time(at, now = Date.now()) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return date.toLocaleString(
    undefined,
    isToday ? CLOCK : { month: 'short', day: 'numeric', ...CLOCK },
  );
}

/** Returns date, time and zone. */
export const fullTime = at =>
  new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });

const COLORS = /\p{Cc}\[[\d;]*m/gu;
const INVISIBLE = /[\p{Cc}\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/gu;

const escaped = character => `\\u{${character.codePointAt(0).toString(16)}}`;

/**
 * Returns foreign text with escapes for control characters, marks of direction and the like. Colours of terminals are
 * removed.
 */
export function visible(text, { lines = false } = {}) {
  return String(text)
    .replace(COLORS, '')
    .replace(/\r\n/g, '\n')
    .replace(INVISIBLE, one => (lines && (one === '\n' || one === '\t') ? one : escaped(one)));
}

import { NO_SLOT } from '../../model/host-status.interface.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns the name of a slot for people. @internal */
export const slotName = (slot: number): string => (slot === NO_SLOT ? 'spare' : String(slot));

/** Returns a duration for people: `45 ms`, `3.2 s`, `5 min`, `2 h 5 min`, `3 d 4 h`. @internal */
export function duration(milliseconds: number): string {
  if (milliseconds < SECOND) {
    return `${Math.round(milliseconds)} ms`;
  }
  if (milliseconds < MINUTE) {
    return `${(milliseconds / SECOND).toFixed(1)} s`;
  }
  if (milliseconds < HOUR) {
    return `${Math.floor(milliseconds / MINUTE)} min`;
  }
  return milliseconds < DAY
    ? parts(milliseconds, HOUR, 'h', MINUTE, 'min')
    : parts(milliseconds, DAY, 'd', HOUR, 'h');
}

function parts(
  value: number,
  large: number,
  largeName: string,
  small: number,
  name: string,
): string {
  const rest = Math.floor((value % large) / small);
  return `${Math.floor(value / large)} ${largeName}${rest > 0 ? ` ${rest} ${name}` : ''}`;
}

/** Returns bytes as `87 MB`. @internal */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

/** Returns the size of a file, as `87 MB` or `13 kB`. @internal */
export function fileSize(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : megabytes(bytes);
}

/** Returns a share as `12 %`. @internal */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Returns a number with separators: `1,234`. @internal */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Returns a time of this day in the local zone: `09:46:16.120`. @internal */
export function timeOfDay(at: number): string {
  const time = new Date(at);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** Returns a date and a time in the local zone: `2026-11-29 09:46:16`. @internal */
export function dateAndTime(at: number): string {
  const time = new Date(at);
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date} ${timeOfDay(at).slice(0, 8)}`;
}

import { characterBytes } from '../../../../system/text/character-bytes.js';
import type { OperationResult } from '../../../operation.js';

/*
 * Sizes of data in V8's heap, in bytes: measured with large numbers of objects and rounded up. The counted size must
 * not be less than the used memory; a test fills the memory to verify that.
 */

/** A value at a key, without its key and text. @internal */
export const VALUE_BYTES = 150;
/** The expiry of an item. @internal */
export const EXPIRY_BYTES = 60;
/** @internal */
export const MAP_BYTES = 280;
/** A field of a map, without its texts. @internal */
export const FIELD_BYTES = 50;
/** @internal */
export const LEADERBOARD_BYTES = 650;
/** A member of a leaderboard, without its name. @internal */
export const MEMBER_BYTES = 140;
/** A lock without owners, without its name. @internal */
export const LOCK_BYTES = 300;
/** An owner that holds a lock or waits for it. @internal */
export const OWNER_BYTES = 220;
/** A rate limit, without its key. @internal */
export const LIMIT_BYTES = 330;
/** A step of a rate limit. @internal */
export const STEP_BYTES = 64;
/** The last batch of a lane, without its results. @internal */
export const LANE_BYTES = 250;
/** The log of a topic, without its name and its events. @internal */
export const HISTORY_BYTES = 600;
/** An event in a topic log, without its text. @internal */
export const EVENT_BYTES = 130;
/** @internal */
export const GROUP_BYTES = 320;
/** An event that a member of a group has taken. @internal */
export const PENDING_BYTES = 70;
/** The consumer offset of a slot for a topic, without the name of the topic. @internal */
export const OFFSET_BYTES = 120;

/** The minimum size of a text, so that a counter does not need more memory when it gets another digit. */
const LEAST_TEXT = 24;

/** Returns the bytes of a text in memory, including V8's overhead. @internal */
export function textBytes(text: string): number {
  return 16 + Math.max(LEAST_TEXT, Math.ceil(characterBytes(text) / 8) * 8);
}

/** Returns the approximate bytes of a result, which consists of texts, numbers, lists and small objects. @internal */
export function resultBytes(result: OperationResult | null): number {
  return bytesOf(result);
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') {
    return textBytes(value);
  }
  if (typeof value !== 'object' || value === null) {
    return 8;
  }
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return parts.reduce<number>((sum, part) => sum + bytesOf(part), 32 + 8 * parts.length);
}

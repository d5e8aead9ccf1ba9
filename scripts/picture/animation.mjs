import { createRequire } from 'node:module';
import { PNG } from 'pngjs';

// Its ES module is not one for Node.
const { GIFEncoder, quantize, applyPalette } = createRequire(import.meta.url)('gifenc');

/** The colours of a GIF, without the transparent one. */
const COLOURS = 255;
const TRANSPARENT = COLOURS;

/** Every so many frames, one is used to choose the colours of all. */
const SAMPLED = 6;

/**
 * Makes an animated GIF of screenshots of the same size, in which each frame only contains what has changed.
 *
 * @param {readonly { png: Buffer, milliseconds: number }[]} shots each with the time for which it is shown
 * @returns {Uint8Array}
 */
export function animate(shots) {
  const frames = withoutRepeats(
    shots.map(({ png, milliseconds }) => ({ ...decode(png), milliseconds })),
  );
  const palette = quantize(sample(frames), COLOURS);
  const gif = GIFEncoder();
  /** @type {Uint8Array | undefined} */
  let before;
  for (const { data, width, height, milliseconds } of frames) {
    const pixels = applyPalette(data, palette);
    const changed = before ? onlyChanges(pixels, before) : pixels;
    gif.writeFrame(changed, width, height, {
      palette: before ? undefined : [...palette, [0, 0, 0]],
      delay: milliseconds,
      transparent: before !== undefined,
      transparentIndex: TRANSPARENT,
      // What is transparent shows the former frame.
      dispose: 1,
    });
    before = pixels;
  }
  gif.finish();
  return gif.bytes();
}

/** @param {Buffer} png */
function decode(png) {
  const { data, width, height } = PNG.sync.read(png);
  return { data: new Uint8Array(data), width, height };
}

/**
 * Shows a frame longer instead of repeating it.
 *
 * @template {{ data: Uint8Array, milliseconds: number }} Frame
 * @param {readonly Frame[]} frames
 * @returns {Frame[]}
 */
function withoutRepeats(frames) {
  /** @type {Frame[]} */
  const kept = [];
  for (const frame of frames) {
    const last = kept.at(-1);
    if (last && Buffer.compare(last.data, frame.data) === 0) {
      last.milliseconds += frame.milliseconds;
    } else {
      kept.push(frame);
    }
  }
  return kept;
}

/** @param {readonly { data: Uint8Array }[]} frames */
function sample(frames) {
  return new Uint8Array(
    Buffer.concat(frames.filter((_, index) => index % SAMPLED === 0).map(({ data }) => data)),
  );
}

/**
 * @param {Uint8Array} pixels
 * @param {Uint8Array} before
 */
function onlyChanges(pixels, before) {
  return pixels.map((pixel, index) => (pixel === before[index] ? TRANSPARENT : pixel));
}

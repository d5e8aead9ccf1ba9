/** The first byte of a frame: FIN and the opcode of a text. See RFC 6455, 5.2. */
const WHOLE_TEXT = 0x81;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;

/** The longest head of a frame of a server: servers do not mask. */
const MAX_HEAD = 10;

/** A longer frame is not read: a profile is shorter, and a heap snapshot comes in many frames. */
const MAX_FRAME_BYTES = 256 * 2 ** 20;

/** The kind of a frame. @internal */
export const OPCODES = { text: 0x1, close: 0x8 } as const;

/** A frame that a server has sent. @internal */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * Encodes a text as a WebSocket frame of a client.
 *
 * @param text shorter than 64 KiB
 * @internal
 */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head.writeUInt8(WHOLE_TEXT, 0);
  head.writeUInt8(MASKED | LENGTH_IN_16_BITS, 1);
  head.writeUInt16BE(payload.length, 2);
  // Masked with zeros, so unchanged: masks protect proxies from misreading data, and the loopback interface has
  // none.
  return Buffer.concat([head, payload]);
}

/**
 * Finds the frames in what a server sends. Copies each frame once, however many chunks it comes in.
 *
 * @internal
 */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  /**
   * Yields the frames that are complete with this chunk.
   *
   * @throws Error if a frame is too long
   */
  *take(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    for (let end = this.#endOfFrame(); end !== undefined; end = this.#endOfFrame()) {
      const all = this.#whole();
      const start = headLength(all);
      this.#chunks = [all.subarray(end)];
      this.#length -= end;
      yield { opcode: all.readUInt8(0) & OPCODE, payload: all.subarray(start, end) };
    }
  }

  /** Where the first frame ends; `undefined` until all of it is here. */
  #endOfFrame(): number | undefined {
    // The head may be spread over chunks.
    const head = (this.#chunks[0]?.length ?? 0) < MAX_HEAD ? this.#whole() : this.#chunks[0]!;
    if (head.length < 2 || head.length < headLength(head)) {
      return undefined;
    }
    const end = headLength(head) + payloadLength(head);
    if (end > MAX_FRAME_BYTES) {
      throw new Error(`The inspector sent a message of ${end} bytes.`);
    }
    return this.#length < end ? undefined : end;
  }

  #whole(): Buffer {
    const whole = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}

function headLength(received: Buffer): number {
  const length = received.readUInt8(1);
  return length === LENGTH_IN_64_BITS ? MAX_HEAD : length === LENGTH_IN_16_BITS ? 4 : 2;
}

function payloadLength(received: Buffer): number {
  const length = received.readUInt8(1);
  if (length === LENGTH_IN_64_BITS) {
    return Number(received.readBigUInt64BE(2));
  }
  return length === LENGTH_IN_16_BITS ? received.readUInt16BE(2) : length;
}

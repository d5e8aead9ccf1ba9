/** The first byte of a frame: FIN and the opcode of a text. See RFC 6455, 5.2. */
const WHOLE_TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;

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

/** Returns the first frame that a server has sent, and the rest; `undefined` until the frame is complete. @internal */
export function takeFrame(
  received: Buffer,
): { readonly text: string; readonly rest: Buffer } | undefined {
  const start = headLength(received);
  if (start === undefined || received.length < start) {
    return undefined;
  }
  const end = start + payloadLength(received);
  return received.length < end
    ? undefined
    : { text: received.toString('utf8', start, end), rest: received.subarray(end) };
}

function headLength(received: Buffer): number | undefined {
  const length = received.at(1);
  if (length === undefined) {
    return undefined;
  }
  return length === LENGTH_IN_64_BITS ? 10 : length === LENGTH_IN_16_BITS ? 4 : 2;
}

function payloadLength(received: Buffer): number {
  const length = received.readUInt8(1);
  if (length === LENGTH_IN_64_BITS) {
    return Number(received.readBigUInt64BE(2));
  }
  return length === LENGTH_IN_16_BITS ? received.readUInt16BE(2) : length;
}

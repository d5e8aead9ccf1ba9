const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Blocks the event loop of this process, without using CPU time that other processes need. */
export function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  for (let rest = milliseconds; rest > 0; rest = end - performance.now()) {
    Atomics.wait(cell, 0, 0, rest);
  }
}

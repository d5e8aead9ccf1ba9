import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { OutputStream } from '../../model/events/cluster-event.interface.js';
import { pipeOf } from './pipe-of.js';

/**
 * Makes the standard error of this process use the queue of its standard output if both lead to the same pipe or socket
 * (`2>&1`, the journal of systemd). A pipe that is almost full takes a part of what is written, and Node writes the rest
 * later. With two queues, the other stream would write into the middle of a line.
 *
 * `_write()` and `_writev()` of a socket can be called during an earlier write, because libuv has a queue for each handle.
 * Each stream keeps its own backpressure and errors.
 *
 * @param descriptors those of the two streams
 * @internal
 */
export function combineStreams(
  { stdout, stderr }: Readonly<Record<OutputStream, Writable>>,
  descriptors: readonly [stdout: number, stderr: number] = [1, 2],
): void {
  const [pipe, other] = descriptors.map(pipeOf);
  if (pipe !== undefined && pipe === other && stdout instanceof Socket) {
    // oxlint-disable-next-line typescript/unbound-method -- bound below
    const { _write: write, _writev: writev } = stdout;
    Object.assign(stderr, { _write: write.bind(stdout), _writev: writev?.bind(stdout) });
  }
}

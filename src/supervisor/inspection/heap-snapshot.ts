import { isRecord } from '../../system/is-record.js';
import type { ActionContext } from './action.interface.js';
import type { ResultFile } from './result-file.js';

/** Bytes after which the progress is told. */
const STEP = 64 * 2 ** 20;

/** Writes a heap snapshot. It is written as it arrives, so that it needs no memory of the primary. @internal */
export async function heapSnapshot(
  { session, pid, item }: ActionContext,
  file: ResultFile,
): Promise<void> {
  const used = Number(await session.evaluate('process.memoryUsage().heapUsed'));
  // A snapshot is about as large as the heap, and often larger.
  await file.mustHave(used);
  item({ type: 'heap', pid, used });
  let told = 0;
  session.on('HeapProfiler.addHeapSnapshotChunk', async params => {
    const { chunk } = isRecord(params) ? params : {};
    await file.write(String(chunk));
    if (file.bytes - told >= STEP) {
      told = file.bytes;
      item({ type: 'written', bytes: told });
    }
  });
  await session.command('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
}

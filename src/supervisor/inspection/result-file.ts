import { type FileHandle, open, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ControlError } from '../../control/control-error.js';
import { printableError } from '../../system/text/printable.js';
import { inspectionTexts } from './inspection.texts.js';

/** Only the user of the host may read it: it contains what the worker had in its memory. */
const MODE = 0o600;

/**
 * A new file with a profile or a snapshot.
 *
 * @internal
 */
export class ResultFile {
  #bytes = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Creates the file.
   *
   * @throws ControlError if it exists, or cannot be created
   */
  static async create(path: string): Promise<ResultFile> {
    try {
      return new ResultFile(path, await open(path, 'wx', MODE));
    } catch (error) {
      throw failure(path, error);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws ControlError if the disk has less than `bytes` bytes left */
  async mustHave(bytes: number): Promise<void> {
    // Unknown file systems do not tell.
    const found = await statfs(dirname(this.path)).catch(() => undefined);
    const free = found && found.bavail * found.bsize;
    if (free !== undefined && free < bytes) {
      throw new ControlError('CONTROL_FILE', inspectionTexts.noSpace(this.path, bytes, free));
    }
  }

  /** @throws ControlError if the disk is full, or fails */
  async write(data: Buffer | string): Promise<void> {
    try {
      const buffer = typeof data === 'string' ? Buffer.from(data) : data;
      for (let start = 0; start < buffer.length;) {
        const { bytesWritten } = await this.handle.write(buffer, start);
        start += bytesWritten;
        this.#bytes += bytesWritten;
      }
    } catch (error) {
      throw failure(this.path, error);
    }
  }

  /** @throws ControlError if the disk fails */
  async finish(): Promise<void> {
    try {
      await this.handle.close();
    } catch (error) {
      throw failure(this.path, error);
    }
  }

  /** Removes it, because it is not complete. Never rejects. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => {});
    await rm(this.path, { force: true }).catch(() => {});
  }
}

function failure(path: string, error: unknown): ControlError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === 'EEXIST' ? 'it exists already' : printableError(error);
  return new ControlError('CONTROL_FILE', inspectionTexts.file(path, why));
}

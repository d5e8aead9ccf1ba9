import { readFile } from 'node:fs/promises';
import type { LoadPlan } from './load/load-plan.interface.js';
import type { VerifySettings } from './settings/settings.interface.js';
import { UsageError } from '../usage.error.js';
import { verifyMessages } from './verify.messages.js';

const UPLOAD_BYTES = 65_536;

/**
 * Returns the load for the settings.
 *
 * @throws UsageError if the file to upload cannot be read
 * @internal
 */
export async function loadPlan(settings: VerifySettings): Promise<LoadPlan> {
  const { patience, path, keepAlive, oneShot, pause } = settings;
  const { uploadPath, ssePath, wsPath, wsMessage } = settings;
  return {
    patience,
    path,
    keepAlive,
    oneShot,
    pause,
    ...(uploadPath !== undefined && {
      uploads: {
        count: settings.uploads,
        path: uploadPath,
        type: settings.uploadType,
        body: await uploadBody(settings.uploadFile),
      },
    }),
    ...(ssePath !== undefined && { sse: { count: settings.sse, path: ssePath } }),
    ...(wsPath !== undefined && {
      webSockets: {
        count: settings.webSockets,
        path: wsPath,
        ...(wsMessage !== undefined && { message: wsMessage }),
      },
    }),
  };
}

async function uploadBody(file: string | undefined): Promise<Buffer> {
  if (file === undefined) {
    const frame = JSON.stringify({ upload: '' });
    return Buffer.from(JSON.stringify({ upload: 'x'.repeat(UPLOAD_BYTES - frame.length) }));
  }
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(verifyMessages.unreadable(file, (error as Error).message), {
      cause: error,
    });
  }
}

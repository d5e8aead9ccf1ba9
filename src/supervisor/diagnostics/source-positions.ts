import { readFile, stat } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A larger one would keep the primary, which hands out the connections, busy for too long. */
const MAX_BYTES = 8 * 1024 * 1024;

/** What a file says of its source map; Node looks for it in the same way. */
const SOURCE_MAPPING_URL = /\/[*/]#\s+sourceMappingURL=(\S+)/g;

/** A source map as a compiler writes it, version 3. */
type SourceMapPayload = ConstructorParameters<typeof SourceMap>[0];

/**
 * Finds the positions in TypeScript, or whatever the sources are, of those in JavaScript files. Reads each file
 * and its source map once.
 *
 * @internal
 */
export class SourcePositions {
  readonly #maps = new Map<string, Promise<SourceMap | undefined>>();

  /**
   * @param file a URL, or a path
   * @param line counted from 1, as `column`
   * @returns such as `file:///app/src/main.ts:1:2`; `undefined` where there is no source map to know it from
   */
  async original(file: string, line: number, column: number): Promise<string | undefined> {
    const reading = this.#maps.get(file) ?? readMap(file).catch(() => undefined);
    this.#maps.set(file, reading);
    const entry = (await reading)?.findEntry(line - 1, column - 1);
    return entry && 'originalSource' in entry
      ? `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
      : undefined;
  }
}

async function readMap(file: string): Promise<SourceMap | undefined> {
  const url = isAbsolute(file) ? pathToFileURL(file) : new URL(file);
  const [, reference] = [...(await readText(url)).matchAll(SOURCE_MAPPING_URL)].at(-1) ?? [];
  if (reference === undefined) {
    return undefined;
  }
  const mapUrl = new URL(reference, url);
  const isInline = mapUrl.protocol === 'data:';
  const text = isInline ? dataOf(mapUrl) : await readText(mapUrl);
  const payload = JSON.parse(text) as SourceMapPayload;
  const base = isInline ? url : mapUrl;
  const sources = payload.sources.map(
    source => new URL(`${payload.sourceRoot ?? ''}${source}`, base).href,
  );
  return new SourceMap({ ...payload, sources, sourceRoot: '' });
}

/** Of a file; there is nothing to be fetched from elsewhere for a worker that hangs. */
async function readText(url: URL): Promise<string> {
  const { size } = await stat(url);
  return size > MAX_BYTES ? '' : readFile(url, 'utf8');
}

function dataOf({ pathname }: URL): string {
  const [head = '', ...data] = pathname.split(',');
  return Buffer.from(
    decodeURIComponent(data.join(',')),
    head.endsWith(';base64') ? 'base64' : 'utf8',
  ).toString();
}

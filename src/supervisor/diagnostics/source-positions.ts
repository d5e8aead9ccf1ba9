import { readFile, stat } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Parsing a larger source map would block the primary, which distributes the connections, for too long. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The reference of a file to its source map; Node finds it in the same way. */
const SOURCE_MAPPING_URL = /\/[*/]#\s+sourceMappingURL=(\S+)/g;

/** A source map, version 3, as compilers write it. */
type SourceMapPayload = ConstructorParameters<typeof SourceMap>[0];

/**
 * Maps positions in JavaScript files to those in their sources, such as TypeScript. Reads each file and its source
 * map once.
 *
 * @internal
 */
export class SourcePositions {
  readonly #maps = new Map<string, Promise<SourceMap | undefined>>();

  /**
   * Resolves with the position in the source, such as `file:///app/src/main.ts:1:2`.
   *
   * @param file a URL or a path
   * @param line counted from 1, as is `column`
   * @returns `undefined` if there is no source map for the position
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

/** Only reads files: nothing is downloaded for a hung worker, and a device or a pipe may have no end. */
async function readText(url: URL): Promise<string> {
  const entry = await stat(url);
  return entry.isFile() && entry.size <= MAX_BYTES ? readFile(url, 'utf8') : '';
}

function dataOf({ pathname }: URL): string {
  const [head = '', ...data] = pathname.split(',');
  return Buffer.from(
    decodeURIComponent(data.join(',')),
    head.endsWith(';base64') ? 'base64' : 'utf8',
  ).toString();
}

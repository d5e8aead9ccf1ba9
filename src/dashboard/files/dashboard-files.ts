import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OWN_CODE } from '../../system/own-package.js';
import { requireOf } from '../../system/own-require.js';
import { dashboardMessages } from '../dashboard.messages.js';

/** Where the files are, below the code of this package. */
const DIRECTORY = 'dashboard/assets/';

/** The page itself, which is served in another way. */
const PAGE = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** A file of the page. @internal */
export interface DashboardFile {
  readonly type: string;
  readonly etag: string;
  readonly content: Buffer;
}

/**
 * The files of the page. They are read once, all of them: the name in a request only selects one of them.
 *
 * @internal
 */
export class DashboardFiles {
  #files: Promise<ReadonlyMap<string, DashboardFile>> | undefined;

  /** @param directory of the files; by default that of this package */
  constructor(private readonly directory?: string) {}

  /** Returns an asset of this name, if there is one. */
  async asset(name: string): Promise<DashboardFile | undefined> {
    return name === PAGE ? undefined : (await this.#all()).get(name);
  }

  /**
   * Returns the page.
   *
   * @param url the path of the request, below which the page finds everything else
   */
  async page(url: string): Promise<string> {
    const page = (await this.#all()).get(PAGE);
    return page?.content.toString().replace('__BASE__', () => baseOf(url)) ?? '';
  }

  #all(): Promise<ReadonlyMap<string, DashboardFile>> {
    this.#files ??= readAll(this.directory ?? ownDirectory()).catch((error: unknown) => {
      // They may be there when somebody tries again.
      this.#files = undefined;
      throw error;
    });
    return this.#files;
  }
}

/**
 * Returns the address that the URLs of the page are relative to, itself relative to the page, as HTML: the page may be behind
 * a proxy that adds to its path.
 *
 * @param url the path of the page, as it was requested
 * @internal
 */
export function baseOf(url: string): string {
  const [path = ''] = url.split(/[?#]/);
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last === '' ? './' : `./${escapeHtml(last)}/`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

/** In a bundle of the application, the files are those of the installed package. */
function ownDirectory(): string {
  if (OWN_CODE) {
    return fileURLToPath(new URL(DIRECTORY, OWN_CODE));
  }
  const installed = `node_modules/nestjs-cluster/dist/${DIRECTORY}`;
  try {
    // webpack sets `import.meta.url` to the file on the machine that has built the bundle.
    const { resolve } = requireOf(undefined, process.argv[1]);
    return join(dirname(resolve('nestjs-cluster/package.json')), 'dist', DIRECTORY);
  } catch {
    return installed;
  }
}

async function readAll(directory: string): Promise<ReadonlyMap<string, DashboardFile>> {
  const names = await readdir(directory).catch(() => []);
  const known = names.filter(name => extname(name) in TYPES);
  if (!known.includes(PAGE)) {
    throw new Error(dashboardMessages.noFiles(directory));
  }
  const files = known.map(async name => {
    const content = await readFile(join(directory, name));
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    return [name, { type: TYPES[extname(name)] ?? '', etag, content }] as const;
  });
  return new Map(await Promise.all(files));
}

import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { Injectable, NotFoundException, StreamableFile } from '@nestjs/common';
import { ClusterService } from 'nestjs-cluster';

/** Relative to this file, not to the working directory. */
const PUBLIC = new URL('../../public/', import.meta.url);

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page and its assets, read once when the worker starts. */
@Injectable()
export class PageService {
  private readonly html = readFileSync(new URL('index.html', PUBLIC), 'utf8');
  private readonly assets = new Map(
    readdirSync(PUBLIC)
      .filter(name => extname(name) in TYPES)
      .map(name => [name, readFileSync(new URL(name, PUBLIC))]),
  );

  constructor(private readonly cluster: ClusterService) {}

  /** Fills in the worker that serves the page: `{{slot}}`, `{{generation}}`, `{{pid}}`, `{{mode}}`. */
  render(): string {
    const values: Record<string, unknown> = { mode: this.cluster.mode, ...this.cluster.worker };
    return this.html.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
  }

  asset(name: string): StreamableFile {
    const content = this.assets.get(name);
    if (!content) {
      throw new NotFoundException(`There is no asset named ${name}`);
    }
    return new StreamableFile(content, { type: TYPES[extname(name)]! });
  }
}

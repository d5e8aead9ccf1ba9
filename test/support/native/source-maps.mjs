import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';

/** The source maps of the compiled files, looked up when Jest formats a stack trace. */
export class SourceMaps extends Map {
  #transformer;

  constructor(transformer) {
    super();
    this.#transformer = transformer;
  }

  get(url) {
    if (!this.has(url)) this.set(url, this.#find(url));
    return super.get(url);
  }

  #find(url) {
    return url.startsWith('file:') && url.endsWith('.ts')
      ? compile(this.#transformer, fileURLToPath(url)).sourceMapPath
      : undefined;
  }
}

/**
 * Preloaded into an application under test: appends a line for each file of this package that a process loads to the
 * file that `LOADED_FILES` names.
 */
import { register } from 'node:module';

const hooks = `
  import { appendFileSync } from 'node:fs';
  export function load(url, context, next) {
    const [, name] = /nestjs-cluster[/]dist[/](.+)[.]js$/.exec(url) ?? [];
    if (name) {
      appendFileSync(process.env.LOADED_FILES, process.pid + ' ' + name.replace(/-[\\w-]{8}$/, '') + '\\n');
    }
    return next(url, context);
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

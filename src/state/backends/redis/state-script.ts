import { Script } from '../../../redis/lua-script.js';

const LUA = new URL('./lua/', import.meta.url);

/** A script of the files in the folder `lua` beside this one. @internal */
export function stateScript(...files: readonly string[]): Script {
  return new Script(LUA, ...files);
}

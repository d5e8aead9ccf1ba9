import { Script } from '../../../redis/lua-script.js';

const LUA = new URL('./lua/', import.meta.url);

/** Builds a script from files in the directory `lua` beside this file. @internal */
export function stateScript(...files: readonly string[]): Script {
  return new Script(LUA, ...files);
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { asCount } from './redis-replies.js';
import type { RedisNode } from './connection/redis-client.interface.js';

/**
 * A directory of Lua scripts. The build replaces it by their texts, by file name without extension.
 *
 * @internal
 */
export type LuaTexts = URL | Readonly<Record<string, string>>;

/**
 * A Lua script that is built from several files of a directory.
 *
 * @internal
 */
export class Script {
  readonly #source: string;
  readonly #sha: string;

  constructor(texts: LuaTexts, ...files: readonly string[]) {
    this.#source = files.map(file => textOf(file, texts)).join('\n');
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  /** Runs the script by its digest. Sends the whole script to a server that does not have it. */
  async run(client: RedisNode, keys: readonly string[], args: readonly Arg[]): Promise<unknown> {
    try {
      return await client.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) {
        throw error;
      }
      return client.eval(this.#source, keys.length, ...keys, ...args);
    }
  }

  /**
   * Runs the script, and then waits on the same connection until replicas have confirmed its writes.
   *
   * @returns the reply, and the number of replicas that confirmed
   */
  async runAndWait(
    client: RedisNode,
    keys: readonly string[],
    args: readonly Arg[],
    replicas: number,
    milliseconds: number,
  ): Promise<readonly [reply: unknown, replicas: number]> {
    const attempt = (name: 'evalsha' | 'eval', script: string): Promise<unknown[]> => {
      const pipeline = client.pipeline();
      pipeline[name](script, keys.length, ...keys, ...args);
      return allOf(pipeline.call('WAIT', replicas, milliseconds).exec());
    };
    const [reply, count] = await attempt('evalsha', this.#sha).catch((error: unknown) => {
      if (!isUnknownScript(error)) {
        throw error;
      }
      return attempt('eval', this.#source);
    });
    return [reply, asCount('WAIT', count)];
  }
}

/** @internal */
export type Arg = string | number;

function textOf(file: string, texts: LuaTexts): string {
  return texts instanceof URL
    ? readFileSync(new URL(`${file}.lua`, texts), 'utf8')
    : (texts[file] ?? '');
}

async function allOf(
  results: Promise<[error: Error | null, result: unknown][] | null>,
): Promise<unknown[]> {
  return ((await results) ?? []).map(([error, result]) => {
    if (error) {
      throw error;
    }
    return result;
  });
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

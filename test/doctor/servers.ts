import { PostgresServer } from '../support/postgres-server.js';
import { RedisServer } from '../support/redis/redis-server.js';

/** The servers that samples need, which are started when the first one needs them. */
export class Servers {
  #postgres: Promise<PostgresServer> | undefined;
  #redis: Promise<RedisServer> | undefined;

  /** Returns how to change the module of an application, so that it uses a server that runs. */
  async change(server: 'postgres' | 'redis' | undefined): Promise<(source: string) => string> {
    if (server !== 'postgres') {
      return source => source;
    }
    this.#postgres ??= PostgresServer.start();
    const { port, username } = new URL((await this.#postgres).url);
    return source =>
      source
        .replace("'mysql'", "'postgres'")
        .replace('port: 3306', `port: ${port}`)
        .replace("username: 'root'", `username: '${username}'`)
        .replace("database: 'test'", "database: 'postgres'");
  }

  /** Returns the variables that an application reads. */
  async env(server: 'postgres' | 'redis' | undefined): Promise<Readonly<Record<string, string>>> {
    if (server !== 'redis') {
      return {};
    }
    this.#redis ??= RedisServer.start();
    const { hostname, port } = new URL((await this.#redis).url);
    return { REDIS_HOST: hostname, REDIS_PORT: port };
  }

  async stop(): Promise<void> {
    const postgres = await this.#postgres?.catch(() => undefined);
    await Promise.all([postgres?.stop(), RedisServer.stopAll()]);
  }
}

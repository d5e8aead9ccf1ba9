import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';

/** The number of the database that a client works in. @internal */
export function databaseOf(client: RedisNode): number {
  return isCluster(client) ? 0 : (client.options.db ?? 0);
}

/** The server has no such database. @internal */
export function refusedDatabase(database: number, why: string): ClusterConfigError {
  return new ClusterConfigError(
    'redis',
    `database ${database}`,
    'the number of a database that the server has',
    `The Redis server refuses database ${database}, which the option "redis" names: ${why}. Name a database that it has (16 by default, see its option "databases"), or keep applications apart by "namespace".`,
  );
}

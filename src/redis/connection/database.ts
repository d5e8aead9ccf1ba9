import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';

/** Returns the database number of a client. @internal */
export function databaseOf(client: RedisNode): number {
  return isCluster(client) ? 0 : (client.options.db ?? 0);
}

/** Returns the error for a database that the server does not have. @internal */
export function refusedDatabase(database: number, why: string): ClusterConfigError {
  return new ClusterConfigError(
    'redis',
    `database ${database}`,
    'a database number that the server has',
    `The Redis server refuses database ${database} of the option "redis": ${why}. Use a database that the server has (16 by default, see its setting "databases"), or separate applications by "namespace".`,
  );
}

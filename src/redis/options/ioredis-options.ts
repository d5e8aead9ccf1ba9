/** The type of an ioredis option in the query of a URL, whose values are strings. */
type InUrl = 'text' | 'number' | 'never';

/**
 * The options of ioredis 5 and 6, of `Redis` and of `Cluster`, by which typing errors are found. There may be others in
 * later versions.
 *
 * https://redis.github.io/ioredis/interfaces/CommonRedisOptions.html
 */
const OPTIONS: Readonly<Record<InUrl, readonly string[]>> = {
  text: [
    'host',
    'path',
    'username',
    'password',
    'name',
    'connectionName',
    'clientInfoTag',
    'keyPrefix',
    'role',
    'sentinelUsername',
    'sentinelPassword',
  ],
  number: [
    'port',
    'db',
    'family',
    'connectTimeout',
    'disconnectTimeout',
    'commandTimeout',
    'socketTimeout',
    'blockingTimeout',
    'blockingTimeoutGrace',
    'keepAlive',
    'maxRetriesPerRequest',
    'maxLoadingRetryTime',
  ],
  never: [
    'Connector',
    'autoPipeliningIgnoredCommands',
    'autoResendUnfulfilledCommands',
    'autoResubscribe',
    'cluster',
    'clusterNodeRetryStrategy',
    'clusterRetryStrategy',
    'commandQueue',
    'disableClientInfo',
    'dnsLookup',
    'enableAutoPipelining',
    'enableOfflineQueue',
    'enableReadyCheck',
    'enableTLSForSentinelMode',
    'failoverDetector',
    'himportFieldsets',
    'lazyConnect',
    'maxRedirections',
    'monitor',
    'natMap',
    'noDelay',
    'offlineQueue',
    'preferredSlaves',
    'protocol',
    'readOnly',
    'reconnectOnError',
    'redisOptions',
    'replyMapping',
    'resolveSrv',
    'retryDelayOnClusterDown',
    'retryDelayOnFailover',
    'retryDelayOnMoved',
    'retryDelayOnTryAgain',
    'retryStrategy',
    'scaleReads',
    'scripts',
    'sentinelCommandTimeout',
    'sentinelMaxConnections',
    'sentinelReconnectStrategy',
    'sentinelRetryStrategy',
    'sentinelTLS',
    'sentinels',
    'shardedSubscribers',
    'showFriendlyErrorStack',
    'slotsRefreshInterval',
    'slotsRefreshTimeout',
    'stringNumbers',
    'tls',
    'updateSentinels',
    'useSRVRecords',
  ],
};

const kinds: ReadonlyMap<string, InUrl> = new Map(
  (Object.keys(OPTIONS) as InUrl[]).flatMap(kind => OPTIONS[kind].map(name => [name, kind])),
);

/** The names of all known options. @internal */
export const IOREDIS_OPTIONS: readonly string[] = [...kinds.keys()];

/** Returns the type of an option in a URL; `undefined` for an unknown option. @internal */
export function kindInUrl(name: string): InUrl | undefined {
  return kinds.get(name);
}

import { kindOf } from '../../validation/describe-received.js';
import { unknownOption } from '../../validation/config-problem.js';
import { nearestNames } from '../../validation/nearest-names.js';
import { isOutdatedClient, LOWEST_IOREDIS, UPDATE_IOREDIS } from '../connection/ioredis-version.js';
import { isRedisClient } from '../connection/redis-client.interface.js';
import { IOREDIS_OPTIONS } from './ioredis-options.js';
import type { Fault } from '../../validation/fault.interface.js';
import { redisUrlFault } from './redis-url.js';
import { REDIS_ADDRESSES } from './redis-target.js';
import { tlsFaults } from './tls-faults.js';

const MAX_PORT = 65_535;

const EXPECTED =
  'a URL such as redis://:password@host:6379/0 (rediss:// with TLS), options of ioredis with host, port, path, ' +
  'sentinels or cluster, or an ioredis client';

/** ioredis would log in as the user `default`. */
const MISPLACED_USER: Fault = {
  path: '.username',
  expected: '`redis.redisOptions.username` with a Redis Cluster',
  received: 'a user beside `cluster`',
};

const OUTDATED_CLIENT: Fault = {
  expected: `a client of ${LOWEST_IOREDIS}`,
  received: 'a client of an older version',
  hint: `Update it: ${UPDATE_IOREDIS}`,
};

/**
 * Returns all faults of a value of the option `redis`, without any part of the value that may be secret. Values that
 * ioredis would silently misread are faults, because they would lead to another server or database.
 *
 * @internal
 */
export function redisFaults(value: unknown): readonly Fault[] {
  if (typeof value === 'string') {
    return [redisUrlFault(value) ?? []].flat();
  }
  if (isRedisClient(value)) {
    return isOutdatedClient(value) ? [OUTDATED_CLIENT] : [];
  }
  if (!isPlainObject(value)) {
    return [{ expected: EXPECTED, received: kindOf(value) }];
  }
  if (REDIS_ADDRESSES.every(name => value[name] === undefined)) {
    return [{ expected: EXPECTED, received: describeOptions(value) }, ...mistypedNames(value, '')];
  }
  return value['Connector'] === undefined ? optionFaults(value) : [];
}

function optionFaults(options: Record<string, unknown>): Fault[] {
  const { host, port, path, db, username, sentinels, cluster, name, redisOptions } = options;
  return [
    ...mistypedNames(options, ''),
    ...check('host', host, isText, 'the name or address of a server'),
    ...check('port', port, isPort, `a port from 1 to ${MAX_PORT}`),
    ...check('path', path, isText, 'the path of a Unix socket'),
    ...check('db', db, isDatabase, 'the number of a database, from 0'),
    ...check('username', username, isAnyText, 'a string'),
    ...passwordFaults('password', options['password']),
    ...check('sentinelPassword', options['sentinelPassword'], isAnyText, 'a string'),
    ...nodeFaults('sentinels', sentinels),
    ...(sentinels === undefined || isText(name)
      ? []
      : [fault('.name', name, 'the name of the master in the Sentinels')]),
    ...nodeFaults('cluster', cluster),
    ...(cluster === undefined ? [] : clusterDatabaseFaults(db, redisOptions)),
    ...(cluster === undefined || !username || hasUser(redisOptions) ? [] : [MISPLACED_USER]),
    ...(redisOptions === undefined
      ? []
      : isPlainObject(redisOptions)
        ? [
            ...mistypedNames(redisOptions, '.redisOptions'),
            ...passwordFaults('redisOptions.password', redisOptions['password']),
          ]
        : [fault('.redisOptions', redisOptions, 'an object')]),
    ...tlsFaults(options),
  ];
}

function hasUser(redisOptions: unknown): boolean {
  return isPlainObject(redisOptions) && Boolean(redisOptions['username']);
}

/** Returns the faults of a list of sentinels or of cluster nodes. ioredis also accepts strings as cluster nodes. */
function nodeFaults(option: 'sentinels' | 'cluster', nodes: unknown): Fault[] {
  if (nodes === undefined) {
    return [];
  }
  if (!Array.isArray(nodes) || nodes.length === 0) {
    const received = Array.isArray(nodes) ? 'an empty list' : kindOf(nodes);
    return [{ path: `.${option}`, expected: 'a list of { host, port }', received }];
  }
  return nodes.flatMap((node: unknown, index): Fault[] => {
    const path = `${option}[${index}]`;
    if (option === 'cluster' && typeof node === 'string') {
      const url = node.includes('://') ? node : `redis://${node}`;
      return redisUrlFault(url) ? [fault(`.${path}`, node, '{ host, port }')] : [];
    }
    if (!isPlainObject(node)) {
      return [fault(`.${path}`, node, '{ host, port }')];
    }
    return [
      ...mistypedNames(node, `.${path}`),
      ...check(`${path}.host`, node['host'], isText, 'the name or address of a server'),
      ...check(`${path}.port`, node['port'], isPort, `a port from 1 to ${MAX_PORT}`),
    ];
  });
}

/** A Redis Cluster only has database 0, and ioredis ignores any other number. */
function clusterDatabaseFaults(db: unknown, redisOptions: unknown): Fault[] {
  const expected =
    '0 with a Redis Cluster, which has no other database; separate applications by `namespace`';
  const nodeDb = isPlainObject(redisOptions) ? redisOptions['db'] : undefined;
  return [
    ...(isDatabase(db) ? check('db', db, isDatabaseZero, expected) : []),
    ...check('redisOptions.db', nodeDb, isDatabaseZero, expected),
  ];
}

function passwordFaults(path: string, password: unknown): Fault[] {
  return check(path, password, isPassword, 'a string, or a function that returns one');
}

/** Returns faults for names that are similar to an option of ioredis, because ioredis ignores unknown options. */
function mistypedNames(options: Record<string, unknown>, path: string): Fault[] {
  return Object.entries(options).flatMap(([name, value]): Fault[] => {
    const meant = IOREDIS_OPTIONS.includes(name) ? [] : nearestNames(name, IOREDIS_OPTIONS);
    const known = meant.map(each => `redis${path}.${each}`);
    const place = `${path}.${name}`;
    return known.length === 0
      ? []
      : [{ path: place, ...unknownOption(`redis${place}`, value, known) }];
  });
}

function check(
  path: string,
  value: unknown,
  accepts: (value: unknown) => boolean,
  expected: string,
): Fault[] {
  return value === undefined || accepts(value) ? [] : [fault(`.${path}`, value, expected)];
}

function fault(path: string, value: unknown, expected: string): Fault {
  return { path, expected, received: kindOf(value) };
}

/** Describes options by their known names only, because unknown names may be secret. */
function describeOptions(options: Record<string, unknown>): string {
  const names = Object.keys(options).filter(name => IOREDIS_OPTIONS.includes(name));
  return names.length === 0
    ? 'an object without any of these'
    : `an object with ${names.join(', ')}`;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isPassword(value: unknown): boolean {
  return isAnyText(value) || typeof value === 'function';
}

/** ioredis treats `null` as not set. */
function isAnyText(value: unknown): boolean {
  return typeof value === 'string' || value === null;
}

/** Ports may be strings, as from environment variables: ioredis parses them. */
function isPort(value: unknown): boolean {
  const port = numberOf(value);
  return port >= 1 && port <= MAX_PORT;
}

function isDatabaseZero(value: unknown): boolean {
  return numberOf(value) === 0;
}

function isDatabase(value: unknown): boolean {
  return numberOf(value) >= 0;
}

function numberOf(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : NaN;
}

/** Rejects class instances, such as clients of node-redis, whose properties would be read as options. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

import { quoted } from '../system/text/shown.js';
import { describeMismatch, type Mismatch } from '../validation/shape.js';
import { printable } from '../system/text/printable.js';

/** What is said of the connection to Redis. @internal */
export const redisMessages = {
  unanswered: () => 'it did not answer in time',
  unexpectedReply: (command: string, mismatch: Mismatch) =>
    `the reply to ${command} was unexpected: ${describeMismatch(mismatch, 'it')}`,
  unusable: (why: string) =>
    `Redis cannot be used: ${printable(why)}. The application serves on; what needs Redis fails until that is remedied.`,
  whyUnusable: (why: string) => `Redis cannot be used: ${printable(why)}`,
  lost: (why: string) =>
    `Redis is not to be reached (${printable(why)}). The application serves on; what needs Redis fails.`,
  brokenProtocol: () => 'the server does not keep to the protocol of Redis',
  regained: () => 'Redis is there again.',
  silent: (address: string) =>
    `The node ${printable(address)} of the Redis Cluster does not answer: it gets another connection.`,
  /** @param pattern what its access control list lacks */
  deaf: (channel: string, pattern: string) =>
    `This Redis user may not subscribe to ${quoted(channel)}: what is published there is not received. Grant it with ACL SETUSER <user> ${quoted(`&${pattern}`)}`,
  full: () => 'The Redis server is full: it refuses writes until there is room (maxmemory).',
  evicts: (policy: string) =>
    `The Redis server evicts keys when it is full (maxmemory-policy ${printable(policy)}): counters, locks and records of operations may vanish. Set maxmemory-policy noeviction.`,
  evictionWarning: (policy: string, limit: number) =>
    `The Redis server evicts keys when it has used up its ${Math.round(limit / 2 ** 20)} MB (maxmemory-policy ${printable(policy)}): counters and locks may vanish silently, and operations be applied twice. Set maxmemory-policy noeviction, or use a server of its own for nestjs-cluster.`,
  otherSchema: (namespace: string, theirs: number, ours: number) =>
    `the keys of namespace ${quoted(namespace)} have version ${theirs} of the schema, and this nestjs-cluster reads version ${ours}: update nestjs-cluster on ${theirs > ours ? 'this host' : 'the hosts that wrote them'}, or set another namespace`,
  noSchema: (key: string) =>
    `${quoted(key)} should hold the version of the schema, and holds something else: delete that key if only nestjs-cluster uses this namespace, or set another namespace`,
  noPassword: (error: string) =>
    `The function that should return the password of Redis failed (${printable(error)}); its message may contain the password and is not logged. Catch and log the error in that function to see it.`,
  noText: (kind: string) =>
    `The function that should return the password of Redis returned ${printable(kind)}, not a text.`,
};

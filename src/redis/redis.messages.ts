import { quoted } from '../system/text/shown.js';
import type { Mismatch } from '../validation/shape/shape.js';
import { describeMismatch } from '../validation/shape/describe-mismatch.js';
import { printable } from '../system/text/printable.js';

/** Returns a reply of a server for the end of a sentence. */
const withoutStop = (reply: string): string => printable(reply.replace(/\.$/, ''));

/** Log lines and error texts about the connection to Redis. @internal */
export const redisMessages = {
  unanswered: () => 'the server did not answer in time',
  unexpectedReply: (command: string, mismatch: Mismatch) =>
    `the reply to ${command} was unexpected: ${describeMismatch(mismatch, 'it')}`,
  unusable: (why: string) =>
    `Redis cannot be used: ${printable(why)}. The application keeps running; calls that need Redis fail until this is fixed.`,
  whyUnusable: (why: string) => `Redis cannot be used: ${printable(why)}`,
  lost: (why: string) =>
    `Redis is unreachable (${printable(why)}). The application keeps running; calls that need Redis fail until it is back.`,
  /**
   * @param reply the error with which the server refuses a command
   * @param scope `pause` if it does so for a while
   */
  refuses: (reply: string, scope: 'pause' | 'commands') =>
    `Redis refuses commands: the server replied ${withoutStop(reply)}. ${scope === 'pause' ? 'They are repeated until the deadline of their calls.' : 'Calls that need them fail until this is fixed.'}`,
  /** @param reply the error with which the server refuses a new connection, or the commands over it */
  refused: (reply: string) =>
    `Redis is still unreachable: the server replied ${withoutStop(reply)}.`,
  /** @param why that the client of the application has ended */
  ended: (why: string) => `Redis is still unreachable: ${why}.`,
  brokenProtocol: () => 'the server violated the Redis protocol',
  regained: () => 'Redis is available again.',
  silent: (address: string) =>
    `Node ${printable(address)} of the Redis Cluster does not answer; reconnecting to it.`,
  nodeUnreachable: (address: string, why: string) =>
    `Node ${printable(address)} of the Redis Cluster is unreachable (${printable(why)}). Calls for its keys fail until it is back, or another node has taken over.`,
  notConnected: (address: string) =>
    `node ${printable(address)} of the Redis Cluster is not connected`,
  /** @param pattern the channel pattern that the ACL of the user lacks */
  subscriptionDenied: (channel: string, pattern: string) =>
    `This Redis user may not subscribe to ${quoted(channel)}, so messages on that channel are not received. Grant access with ACL SETUSER <user> ${quoted(`&${pattern}`)}`,
  /** @param pattern the channel pattern that the ACL of the user lacked */
  subscriptionAllowed: (pattern: string) =>
    `This Redis user may now subscribe to channels ${quoted(`&${pattern}`)}: messages on them are received.`,
  full: () =>
    'The Redis server is full (maxmemory) and refuses writes. Delete keys or raise maxmemory.',
  evicts: (policy: string) =>
    `The Redis server evicts keys when it is full (maxmemory-policy ${printable(policy)}): counters, locks and records of operations may be deleted. Set maxmemory-policy noeviction.`,
  otherSchema: (namespace: string, theirs: number, ours: number) =>
    `the keys of namespace ${quoted(namespace)} have schema version ${theirs}, but this nestjs-cluster reads version ${ours}: update nestjs-cluster on ${theirs > ours ? 'this host' : 'the hosts that wrote them'}, or set another namespace`,
  noSchema: (key: string) =>
    `the key ${quoted(key)} should contain the schema version, but contains something else: delete it if only nestjs-cluster uses this namespace, or set another namespace`,
  passwordFailed: (error: string) =>
    `The function for the Redis password failed (${printable(error)}). The message is not logged because it may contain the password. Catch and log the error in that function to see it.`,
  passwordNotString: (kind: string) =>
    `The function for the Redis password returned ${printable(kind)}; it must return a string.`,
};

/** What is logged of the connection to Redis. @internal */
export const redisMessages = {
  silent: (address: string) =>
    `The node ${address} of the Redis Cluster does not answer: it gets another connection.`,
  noPassword: (why: string) => `The function that should tell the password of Redis failed: ${why}`,
};

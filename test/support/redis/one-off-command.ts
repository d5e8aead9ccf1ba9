import { Redis } from 'ioredis';

/** Milliseconds in which a server that is there answers, however busy the machine. */
const DEADLINE = 10_000;

/** An argument as ioredis takes it. */
export type Argument = string | number | Buffer;

/** Has a server of 127.0.0.1 carry out one command, over a connection for just that. */
export async function oneOffCommand(port: number, [name, ...args]: Argument[]): Promise<unknown> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    // Nothing is said but the command itself, which a server may have to answer in any state.
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    connectTimeout: DEADLINE,
    commandTimeout: DEADLINE,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // connect() rejects with "Connection is closed."; why it closed is told to listeners alone.
  let why: unknown;
  redis.on('error', error => (why = error));
  try {
    await redis.connect();
    return await redis.call(String(name), args);
  } catch (error) {
    const words = [name, ...args].map(String).join(' ');
    throw new Error(`${words} on port ${port}: ${String(why ?? error)}`, { cause: error });
  } finally {
    // Of one that is closed already, this would set a timer of two seconds.
    if (redis.status !== 'end') {
      redis.disconnect();
    }
  }
}

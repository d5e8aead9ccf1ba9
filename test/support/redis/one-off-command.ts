import { Redis } from 'ioredis';

/** Milliseconds within which a running server answers, even on a busy machine. */
const DEADLINE = 10_000;

/** An argument as ioredis takes it. */
export type Argument = string | number | Buffer;

/** Sends one command to a server on 127.0.0.1, over a new connection. */
export async function oneOffCommand(port: number, [name, ...args]: Argument[]): Promise<unknown> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    // Sends only the command itself, because the server may be in any state.
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    connectTimeout: DEADLINE,
    commandTimeout: DEADLINE,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // connect() rejects with "Connection is closed."; only listeners get the cause.
  let why: unknown;
  redis.on('error', error => (why = error));
  try {
    await redis.connect();
    return await redis.call(String(name), args);
  } catch (error) {
    const words = [name, ...args].map(String).join(' ');
    throw new Error(`${words} on port ${port}: ${String(why ?? error)}`, { cause: error });
  } finally {
    // On a closed connection, this would set a timer of two seconds.
    if (redis.status !== 'end') {
      redis.disconnect();
    }
  }
}

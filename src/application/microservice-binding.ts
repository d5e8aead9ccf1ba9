import type { INestApplicationContext } from '@nestjs/common';
import type { Runtime } from '../runtime/runtime.js';
import { drainMessages } from './drain-messages.js';
import { listenWhenPlaced } from './listen-when-placed.js';
import type { TransportServer } from './transport-server.js';

type Listened = Parameters<TransportServer['listen']>[0];

/**
 * Binds a microservice: it is ready when its transport listens, which happens after its bootstrap. It drains before its
 * transport closes, which is the first step of Nest.
 *
 * @internal
 */
export function bindMicroservice(
  app: INestApplicationContext,
  transport: TransportServer,
  runtime: Runtime,
): void {
  const { lifecycle, readiness } = runtime;
  const close = app.close.bind(app);
  app.close = async (...args) => {
    await lifecycle.closing(app);
    await close(...args);
  };
  drainWhenListening(transport, runtime);
  const listen = transport.listen.bind(transport);
  transport.listen = callback =>
    listen((error, ...rest) => {
      callback(error, ...rest);
      if (!error) {
        readiness.serves(app);
      }
    });
  listenWhenPlaced(transport, runtime);
}

/**
 * Binds a microservice of a hybrid application. The application decides when it is ready, and closes it.
 *
 * In a spare, its transport listens when there is a slot: until then, the spare receives no messages. Nest continues at
 * once, because an application usually starts its microservices before it listens itself.
 *
 * @internal
 */
export function bindConnectedMicroservice(transport: TransportServer, runtime: Runtime): void {
  const { standby } = runtime;
  drainWhenListening(transport, runtime);
  if (standby.waits) {
    const listen = transport.listen.bind(transport);
    transport.listen = callback => {
      const mustWait = standby.waits;
      if (mustWait) {
        callback();
      }
      standby.oncePlaced(() => void listen(mustWait ? failLate : callback));
    };
  }
}

/** Ends the process with an error of `listen()` that comes too late for Nest. */
const failLate: Listened = error => {
  if (error) {
    process.nextTick(() => {
      throw error;
    });
  }
};

/** All handlers are known when the transport listens. */
function drainWhenListening(transport: TransportServer, runtime: Runtime): void {
  if (!runtime.drains) {
    return;
  }
  const listen = transport.listen.bind(transport);
  let isBound = false;
  transport.listen = callback => {
    if (!isBound) {
      isBound = true;
      drainMessages(transport, runtime);
    }
    return listen(callback);
  };
}

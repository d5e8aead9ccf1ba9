import type { INestApplicationContext } from '@nestjs/common';
import { BUS, type LazyBus } from '../bus/lazy-bus.js';
import { reportLazyHandlers } from '../bus/decorators/report-lazy-handlers.js';
import { controlAnswersOf } from '../control/control-answers.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import { bootingApplications } from '../nest/booting-applications.js';
import { REDIS_LINK } from '../runtime/redis-link.provider.js';
import type { RedisLink } from '../redis/redis-link.js';
import type { StateClient } from '../state/client/state-client.js';
import { STATE_CLIENT } from '../state/client/state-client.token.js';
import { bindApplication, isContext } from './application-binding.js';
import { observeConnectedMicroservices } from './connected-microservices.js';
import { consultDoctor } from './consult-doctor.js';
import { observeQueues } from './drain-queues.js';
import { bindConnectedMicroservice } from './microservice-binding.js';
import { joinFleet } from './join-fleet.js';
import { observeApplications } from './nest-applications.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { transportServerOf } from './transport-server.js';

const runtimes = new WeakMap<INestApplicationContext, Runtime>();
/** Application contexts beside the application of a worker: they use its host, and do not affect its life. */
const guests = new WeakSet<INestApplicationContext>();
/** Microservices of hybrid applications, which have no life of their own. */
const connected = new WeakSet<INestApplicationContext>();
const started = new WeakSet<Runtime>();
let watching = false;

/**
 * Binds every application of this process that imports the module to its runtime. Other applications are left alone.
 *
 * @param known the runtime, if all applications of this process have the same one
 * @internal
 */
export function watchApplications(known?: Runtime): void {
  if (watching) {
    return;
  }
  watching = true;
  reportLazyHandlers();
  const drainQueues = observeQueues(known);
  observeConnectedMicroservices((app, microservice) => {
    const runtime = runtimeOf(app);
    const transport = transportServerOf(microservice);
    if (runtime && transport) {
      connected.add(microservice);
      bindConnectedMicroservice(transport, runtime);
    }
  });
  observeApplications({
    bootstrapped: app => {
      const runtime = runtimeOf(app);
      // A microservice can bootstrap more than once.
      if (runtime && !runtimes.has(app) && !connected.has(app)) {
        runtimes.set(app, runtime);
        const options = app.get<ResolvedClusterOptions>(CLUSTER_OPTIONS);
        if (runtime.mode === 'worker' && options.contexts === 'single' && isContext(app)) {
          guests.add(app);
          busOf(app).opened?.begun();
          return;
        }
        if (!started.has(runtime)) {
          started.add(runtime);
          runtime.onBootstrapped(options);
          controlAnswersOf(runtime);
          drainQueues(runtime);
          joinFleet(app, runtime, options);
        }
        busOf(app).opened?.begun();
        bindApplication(app, runtime, options);
        consultDoctor(app, runtime, options);
      }
    },
    closing: async app => {
      const runtime = runtimes.get(app);
      if (!guests.has(app)) {
        await runtime?.lifecycle.closing(app);
      }
      // Before any hook closes what handlers use.
      if (runtime) {
        const { shutdown } = app.get<ResolvedClusterOptions>(CLUSTER_OPTIONS, { strict: false });
        const timeLeft = runtime.lifecycle.timeLeft ?? shutdown.timeout;
        await busOf(app).opened?.quiesce(timeLeft);
      }
    },
    signalsToWithhold: app => runtimeOf(app)?.signals ?? [],
    closed: async app => {
      bootingApplications.ended(app);
      if (runtimeOf(app)) {
        await closeResources(app);
      }
      if (!guests.has(app)) {
        await runtimes.get(app)?.lifecycle.closed(app);
      }
    },
  });
}

function busOf(app: INestApplicationContext): LazyBus {
  return app.get<LazyBus>(BUS, { strict: false });
}

/** Closes the resources of an application after its last hook. Users of other resources are closed before those. */
async function closeResources(app: INestApplicationContext): Promise<void> {
  try {
    await busOf(app).close();
    await app.get<StateClient>(STATE_CLIENT, { strict: false }).close();
  } finally {
    await app.get<RedisLink | null>(REDIS_LINK, { strict: false })?.close();
  }
}

function runtimeOf(app: INestApplicationContext): Runtime | undefined {
  try {
    return app.get<Runtime>(RUNTIME, { strict: false });
  } catch {
    // Nest throws if the provider does not exist: this application does not import the module.
    return undefined;
  }
}

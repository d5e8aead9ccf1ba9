import { Injectable, Logger } from '@nestjs/common';
import { ContextIdFactory, DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { BusInputError } from '../../model/errors/bus-input.error.js';
import { busMessages } from '../bus.messages.js';
import type { EventMetadata, RequestMetadata } from './bus-metadata.accessor.js';
import { decoratedMethodsOf } from './find-decorated-methods.js';
import type { HandledEvent } from '../subscribe/handled-event.interface.js';

type Method = (...args: unknown[]) => unknown;

/** A decorated method with functions to call it. @internal */
export interface FoundMethod {
  /** `Class.method`. */
  readonly name: string;
  readonly events: readonly EventMetadata[];
  readonly requests: readonly RequestMetadata[];
  readonly call: (payload: unknown, event: HandledEvent['event']) => unknown;
  /** Calls another method of the same object, such as the one that `onGap` names. */
  readonly callOther: (method: string, argument: unknown) => unknown;
}

/**
 * Finds the methods that handle events and answer requests in all providers and controllers. An instance that is
 * provided under several tokens is explored once.
 *
 * @internal
 */
@Injectable()
export class BusExplorer {
  readonly #logger = new Logger('ClusterBus');
  #hasExplored = false;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** Whether exploring is over, so that modules that are loaded later are not found. */
  get hasExplored(): boolean {
    return this.#hasExplored;
  }

  /** @throws BusInputError if a method that `onGap` names does not exist */
  explore(): FoundMethod[] {
    this.#hasExplored = true;
    const explored = new Set<unknown>();
    return [...this.discovery.getProviders(), ...this.discovery.getControllers()].flatMap(
      wrapper => {
        // `useExisting`, or a factory that returns an instance that is provided elsewhere.
        if (wrapper.isAlias || explored.has(wrapper.instance)) {
          return [];
        }
        explored.add(wrapper.instance);
        return this.#methodsOf(wrapper);
      },
    );
  }

  #methodsOf(wrapper: InstanceWrapper): FoundMethod[] {
    return decoratedMethodsOf(this.scanner, wrapper.instance).map(
      ({ key, name, events, requests, decorators, prototype }) => {
        checkGapMethods(events, prototype, name);
        if (wrapper.isTransient) {
          this.#logger.warn(busMessages.transientHandler(name, decorators));
        }
        return { name, events, requests, ...callsOf(wrapper, key) };
      },
    );
  }
}

function callsOf(wrapper: InstanceWrapper, key: string): Pick<FoundMethod, 'call' | 'callOther'> {
  if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) {
    const instance = wrapper.instance as Record<string, Method>;
    return {
      call: (payload, event) => instance[key]!(payload, event),
      callOther: (method, argument) => instance[method]!(argument),
    };
  }
  return {
    call: async (payload, event) =>
      (await instanceFor(wrapper, { payload, event }))[key]!(payload, event),
    callOther: async (method, argument) =>
      (await instanceFor(wrapper, argument as object))[method]!(argument),
  };
}

/** Creates the instance of a request-scoped class for one event. */
async function instanceFor(
  wrapper: InstanceWrapper,
  request: object,
): Promise<Record<string, Method>> {
  const contextId = ContextIdFactory.create();
  const moduleRef = wrapper.host!.getProviderByKey<ModuleRef>(ModuleRef).instance;
  moduleRef.registerRequestByContextId(request, contextId);
  return moduleRef.resolve(wrapper.token, contextId, { strict: true });
}

function checkGapMethods(
  events: readonly EventMetadata[],
  prototype: Readonly<Record<string, unknown>>,
  name: string,
): void {
  for (const { topic, options } of events) {
    if (options.onGap !== undefined && typeof prototype[options.onGap] !== 'function') {
      throw new BusInputError(topic.name, busMessages.noGapMethod(name, options.onGap));
    }
  }
}

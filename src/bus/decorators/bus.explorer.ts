import { Injectable, Logger } from '@nestjs/common';
import { ContextIdFactory, DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { BusInputError } from '../../model/errors/bus-input.error.js';
import { busMessages } from '../bus.messages.js';
import type { EventMetadata, RequestMetadata } from './bus-metadata.accessor.js';
import { decoratedMethodsOf } from './find-decorated-methods.js';
import type { HandledEvent } from '../subscribe/handled-event.interface.js';

type Method = (...args: unknown[]) => unknown;

/** A decorated method, ready to be called. @internal */
export interface FoundMethod {
  /** `Class.method`. */
  readonly name: string;
  readonly events: readonly EventMetadata[];
  readonly requests: readonly RequestMetadata[];
  readonly call: (payload: unknown, event: HandledEvent['event']) => unknown;
  /** Another method of the same object, for what it is told beside events. */
  readonly callOther: (method: string, argument: unknown) => unknown;
}

/**
 * Finds the methods that handle events and answer questions, in all providers and controllers: those of an
 * instance once, under however many tokens it is provided.
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

  /** Whether what is loaded from now on is not found any more. */
  get hasExplored(): boolean {
    return this.#hasExplored;
  }

  /** @throws BusInputError if a method that is named does not exist */
  explore(): FoundMethod[] {
    this.#hasExplored = true;
    const explored = new Set<unknown>();
    return [...this.discovery.getProviders(), ...this.discovery.getControllers()].flatMap(
      wrapper => {
        // `useExisting`, or a factory that returns what is provided elsewhere.
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

/** An instance of a class that has one for each request. */
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

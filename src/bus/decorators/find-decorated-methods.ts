import type { MetadataScanner } from '@nestjs/core';
import {
  type EventMetadata,
  eventMetadataOf,
  type RequestMetadata,
  requestMetadataOf,
} from './bus-metadata.accessor.js';

type Method = (...args: unknown[]) => unknown;

/** A method that handles events or answers requests. @internal */
export interface DecoratedMethod {
  readonly key: string;
  /** `Class.method`. */
  readonly name: string;
  readonly events: readonly EventMetadata[];
  readonly requests: readonly RequestMetadata[];
  /** The decorators as they are written, for log lines. */
  readonly decorators: string;
  readonly prototype: Readonly<Record<string, Method>>;
}

/** Returns the decorated methods of an instance. @internal */
export function decoratedMethodsOf(
  scanner: MetadataScanner,
  instance: unknown,
): readonly DecoratedMethod[] {
  if (typeof instance !== 'object' || instance === null) {
    return [];
  }
  const prototype = (Object.getPrototypeOf(instance) ?? {}) as Record<string, Method>;
  return scanner.getAllMethodNames(prototype).flatMap(key => {
    const method = prototype[key]!;
    const events = eventMetadataOf(method);
    const requests = requestMetadataOf(method);
    if (events.length === 0 && requests.length === 0) {
      return [];
    }
    const decorators = [
      ...events.map(({ topic }) => `@OnClusterEvent(${JSON.stringify(topic.name)})`),
      ...requests.map(({ topic }) => `@OnClusterRequest(${JSON.stringify(topic.name)})`),
    ].join(', ');
    const name = `${prototype.constructor?.name}.${key}`;
    return [{ key, name, events, requests, decorators, prototype }];
  });
}

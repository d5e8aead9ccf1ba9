import type { Topic } from '../publish/topic.js';
import type { TopicOptions } from '../publish/topic-options.interface.js';

const EVENTS = Symbol('nestjs-cluster:events');
const REQUESTS = Symbol('nestjs-cluster:requests');

/** The metadata of a method that handles events. @internal */
export interface EventMetadata {
  readonly topic: Topic;
  readonly options: TopicOptions & {
    readonly group?: string | undefined;
    readonly concurrency?: number | undefined;
    /** The name of a method of the same class. */
    readonly onGap?: string;
  };
}

/** The metadata of a method that answers requests. @internal */
export interface RequestMetadata {
  readonly topic: Topic;
}

let isUsed = false;

/** Whether any method has been decorated. If not, there is nothing to explore. @internal */
export function hasDecoratedMethods(): boolean {
  return isUsed;
}

/** @internal */
export function addEventMetadata(method: object, metadata: EventMetadata): void {
  add(EVENTS, method, metadata);
}

/** @internal */
export function addRequestMetadata(method: object, metadata: RequestMetadata): void {
  add(REQUESTS, method, metadata);
}

/** @internal */
export function eventMetadataOf(method: object): readonly EventMetadata[] {
  return (Reflect.getMetadata(EVENTS, method) ?? []) as readonly EventMetadata[];
}

/** @internal */
export function requestMetadataOf(method: object): readonly RequestMetadata[] {
  return (Reflect.getMetadata(REQUESTS, method) ?? []) as readonly RequestMetadata[];
}

/** A method may have several decorators. */
function add(key: symbol, method: object, metadata: unknown): void {
  isUsed = true;
  const known = (Reflect.getMetadata(key, method) ?? []) as readonly unknown[];
  Reflect.defineMetadata(key, [...known, metadata], method);
}

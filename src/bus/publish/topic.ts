import {
  isStandardSchema,
  type SchemaInput,
  type SchemaOutput,
  type StandardSchema,
} from '../payload/standard-schema.interface.js';
import { BusInputError } from '../../model/errors/bus-input.error.js';
import { asText, shown } from '../../system/text/shown.js';
import type { TopicOptions } from './topic-options.interface.js';
import {
  checkFilter,
  checkOptions,
  checkTopic,
  NO_OPTIONS,
  TOPIC_RULES,
} from '../bus.validation.js';

/**
 * A topic with the types of its messages: `In` is the type that is published or asked, `Out` the type that handlers
 * get (the output of the schema, if it has one), and `Answer` the type of the answers to requests.
 *
 * @publicApi
 */
export interface Topic<In = unknown, Out = In, Answer = unknown> {
  /** The name of the topic. */
  readonly name: string;
  /** The options that were passed to `defineTopic()`. */
  readonly options: TopicOptions;
  /** Validates payloads when they arrive. */
  readonly schema?: StandardSchema<In, Out>;
  /** Carries the types; has no value at runtime. */
  readonly '~types'?: { readonly input: In; readonly output: Out; readonly answer: Answer };
}

/**
 * Returns a typed topic for events, `defineTopic<Order>('order.paid')`, or for requests and their answers,
 * `defineTopic<{ of: string }, number>('cache.size')`.
 *
 * With a schema (zod, valibot, arktype, or any other Standard Schema), payloads are validated when they arrive,
 * because another version of the application may have published them. A payload that does not match reaches no
 * handler, and is reported on `ClusterBus.errors`. Handlers get the output of the schema.
 *
 * @throws BusInputError for an invalid name, option or schema
 * @publicApi
 */
export function defineTopic<T, Answer = unknown>(
  name: string,
  options?: TopicOptions,
): Topic<T, T, Answer>;
export function defineTopic<Schema extends StandardSchema, Answer = unknown>(
  name: string,
  schema: Schema,
  options?: TopicOptions,
): Topic<SchemaInput<Schema>, SchemaOutput<Schema>, Answer>;
export function defineTopic(
  name: string,
  schemaOrOptions: StandardSchema | TopicOptions = {},
  furtherOptions: TopicOptions = {},
): Topic {
  const schema = isStandardSchema(schemaOrOptions) ? schemaOrOptions : undefined;
  const options = schema ? furtherOptions : (schemaOrOptions as TopicOptions);
  const topic: Topic = schema ? { name, options, schema } : { name, options };
  checkTopic(name);
  checkDefinition(topic);
  return topic;
}

/** Topics that have been checked. Cached because publishing checks the topic each time. */
const checked = new WeakSet<Topic>();

/** @throws BusInputError unless `topic` has the shape that `defineTopic()` returns */
function checkDefinition(topic: Topic): void {
  const { name, options, schema } = topic;
  checkOptions(name, options, TOPIC_RULES);
  if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function') {
    throw new BusInputError(
      asText(name),
      `The schema of ${shown(name)} must be a Standard Schema, such as one of zod, valibot or arktype, but got ${shown(schema)}.`,
    );
  }
  checked.add(topic);
}

/**
 * Returns a topic, or the topic of a name.
 *
 * @throws BusInputError for an object that `defineTopic()` would not return. Other values are rejected when the name
 *   is checked.
 * @internal
 */
export function asTopic(topic: string | Topic): Topic {
  if (typeof topic !== 'object' || topic === null) {
    return { name: topic, options: NO_OPTIONS };
  }
  if (!checked.has(topic)) {
    checkFilter(topic.name);
    checkDefinition(topic);
  }
  return topic;
}

/** Returns which events of a topic are stored: the options of the call, then those of the definition. @internal */
export function kindOf(definition: TopicOptions, wishes: TopicOptions): Required<TopicOptions> {
  return {
    durable: wishes.durable ?? definition.durable ?? false,
    retain: wishes.retain ?? definition.retain ?? false,
  };
}

import {
  isStandardSchema,
  type SchemaInput,
  type SchemaOutput,
  type StandardSchema,
} from '../payload/standard-schema.interface.js';
import { BusInputError } from '../../model/errors/bus-input.error.js';
import { asText, shown } from '../../system/text/shown.js';
import type { TopicOptions } from './topic-options.interface.js';
import { checkFilter, checkRetention, checkTopic } from '../bus.validation.js';

/**
 * A topic with the type of its events: `In` is what is published or asked, `Out` what handlers get, which
 * is the same unless a schema makes something else of it, and `Answer` what questions on it are answered
 * with.
 *
 * @publicApi
 */
export interface Topic<In = unknown, Out = In, Answer = unknown> {
  /** The name, as subscribers use it. */
  readonly name: string;
  /** The options that `defineTopic()` was given. */
  readonly options: TopicOptions;
  /** Checks what arrives. */
  readonly schema?: StandardSchema<In, Out>;
  /** Carries the types; has no value. */
  readonly '~types'?: { readonly input: In; readonly output: Out; readonly answer: Answer };
}

/**
 * A name for events of one type, `defineTopic<Order>('order.paid')`, or for questions and their answers:
 * `defineTopic<{ of: string }, number>('cache.size')`.
 *
 * With a schema (zod, valibot, arktype, or any other Standard Schema), what arrives is checked; what
 * does not match it, because another version of the application has published it, reaches no handler and is
 * told on `ClusterBus.errors`. Handlers get what the schema makes of it.
 *
 * @throws BusInputError for a name that cannot be one
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

/** Those that need not be checked again: one publishes on them often. */
const checked = new WeakSet<Topic>();

/** @throws BusInputError unless it is what `defineTopic()` makes */
function checkDefinition(topic: Topic): void {
  const { name, options, schema } = topic;
  checkRetention(name, options);
  if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function') {
    throw new BusInputError(
      asText(name),
      `The schema of ${shown(name)} is a Standard Schema, as zod, valibot and arktype make them; not ${shown(schema)}.`,
    );
  }
  checked.add(topic);
}

/**
 * A topic, or a text that names one.
 *
 * @throws BusInputError for an object that `defineTopic()` would not make; what is no topic at all is told where
 * its name is checked
 * @internal
 */
export function asTopic(topic: string | Topic): Topic {
  if (typeof topic !== 'object' || topic === null) {
    return { name: topic, options: {} };
  }
  if (!checked.has(topic)) {
    checkFilter(topic.name);
    checkDefinition(topic);
  }
  return topic;
}

/** What of a topic is kept, by its definition and by what is wished otherwise. @internal */
export function kindOf(definition: TopicOptions, wishes: TopicOptions): Required<TopicOptions> {
  return {
    durable: wishes.durable ?? definition.durable ?? false,
    retain: wishes.retain ?? definition.retain ?? false,
  };
}

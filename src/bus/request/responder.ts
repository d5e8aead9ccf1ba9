import { BusInputError } from '../../model/errors/bus-input.error.js';
import { messageOf } from '../../system/text/message-of.js';
import { memberOf, type Sender } from '../membership/bus-member.interface.js';
import { busMessages } from '../bus.messages.js';
import type { RequestsText, SentReply, SentRequest } from '../payload/bus-message.js';
import type { FaultReport } from '../fault-report.js';
import type { RequestContext } from '../subscribe/event-context.interface.js';
import { validatePayload } from '../payload/validate-payload.js';
import { payloadText } from '../bus.validation.js';
import type { StandardSchema } from '../payload/standard-schema.interface.js';

/** The handler of a request, with its name and its schema. @internal */
export interface AnswererSettings {
  /** The name in log lines, such as `CacheService.size`. */
  readonly name: string;
  readonly answer: (payload: never, question: RequestContext) => unknown;
  readonly schema?: StandardSchema | undefined;
}

interface ArrivedRequest extends SentRequest {
  readonly from: Sender;
  readonly topic: string;
}

/**
 * The request handlers of this member: one for each topic.
 *
 * @internal
 */
export class Responder {
  readonly #answerers = new Map<string, AnswererSettings>();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly maxPayloadBytes: number,
    private readonly report: FaultReport,
    /** Sends an answer, as JSON, to the member that sent the request. */
    private readonly reply: (member: string, text: string) => Promise<void>,
  ) {}

  /** @throws BusInputError if the topic already has a handler */
  add(topic: string, settings: AnswererSettings): void {
    const known = this.#answerers.get(topic);
    if (known) {
      throw new BusInputError(topic, busMessages.alreadyAnswered(topic, known.name));
    }
    this.#answerers.set(topic, settings);
  }

  remove(topic: string): void {
    this.#answerers.delete(topic);
  }

  take({ from, topic, requests }: RequestsText): void {
    const answerer = this.#answerers.get(topic);
    if (answerer) {
      requests.forEach(sent => this.#run(answerer, { ...sent, from, topic }));
    }
  }

  /** Resolves when no handler is running. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #run(answerer: AnswererSettings, request: ArrivedRequest): void {
    const running = this.#answer(answerer, request).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #answer(answerer: AnswererSettings, request: ArrivedRequest): Promise<void> {
    const text = await this.#textOf(answerer, request);
    // Not retried: the requester reports a timeout.
    await this.reply(request.from.member, text).catch(() => {});
  }

  async #textOf(answerer: AnswererSettings, request: ArrivedRequest): Promise<string> {
    const { name, answer, schema } = answerer;
    const { topic, from, question: answers } = request;
    const failed = (error: string) => JSON.stringify({ answers, error } satisfies SentReply);
    const { value, fault } = schema
      ? await validatePayload(schema, request)
      : { value: request.payload };
    if (fault) {
      this.report.invalidPayload(fault);
      return failed(busMessages.invalidPayload(fault));
    }
    try {
      const given = (await answer(value as never, { topic, from: memberOf(from) })) ?? null;
      const text = payloadText(topic, given, this.maxPayloadBytes);
      return `{"answers":${JSON.stringify(answers)},"value":${text}}`;
    } catch (error) {
      this.report.handlerFailed(name, topic, error);
      return failed(messageOf(error));
    }
  }
}

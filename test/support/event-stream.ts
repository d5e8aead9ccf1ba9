import { within } from './within.js';

/** Maximum milliseconds to wait for a message. */
const PATIENCE = 30_000;

/** A stream of server-sent events with JSON data, as a browser receives it. */
export class EventStream<Message> {
  static async open<Message>(
    url: string,
    accept = 'text/event-stream',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EventStream<Message>> {
    const { body } = await fetch(url, { headers: { Accept: accept, ...headers } });
    return new EventStream<Message>(body!);
  }

  readonly #messages: AsyncGenerator<Message, void>;

  private constructor(body: ReadableStream<Uint8Array>) {
    this.#messages = read<Message>(body);
  }

  /** The next message; `undefined` if the stream ended normally. Rejects if the connection was reset. */
  async next(): Promise<Message | undefined> {
    const next = within(PATIENCE, this.#messages.next(), () => 'The stream says nothing.');
    return (await next).value ?? undefined;
  }

  /** The next message that meets the condition. */
  async until(accept: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const message = await this.next();
      if (message === undefined) {
        throw new Error(`The stream ended before this message arrived: ${String(accept)}`);
      }
      if (accept(message)) {
        return message;
      }
    }
  }

  /** Resolves when the stream has ended normally, after any messages. Rejects if the connection was reset. */
  async ended(): Promise<void> {
    while ((await this.next()) !== undefined);
  }

  /** Closes the connection, as a browser does when the user leaves the page. */
  async close(): Promise<void> {
    await this.#messages.return();
  }
}

async function* read<Message>(body: ReadableStream<Uint8Array>): AsyncGenerator<Message, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) {
        yield JSON.parse(data) as Message;
      }
    }
  }
}

import { defer, finalize, isObservable, type Observable } from 'rxjs';
import type { MessagesInProgress } from './messages-in-progress.js';
import type { MessageHandler, MessageTransport } from './transport.interface.js';

/**
 * Counts the messages of a transport from their arrival until their responses are sent. Must be called before the
 * transport listens, when all handlers are known. What the handlers receive and return stays the same.
 *
 * It replaces the methods through which all transports of Nest pass their messages. What a transport does not have is
 * not counted.
 *
 * https://github.com/nestjs/nest/blob/master/packages/microservices/server/server.ts
 *
 * @param refuses whether a message that arrives from a connection must be ignored
 * @internal
 */
export function countMessages(
  transport: MessageTransport,
  messages: MessagesInProgress,
  refuses: (source: object, message: unknown) => boolean = () => false,
): void {
  const handleMessage = transport.handleMessage?.bind(transport);
  const send = transport.send?.bind(transport);
  if (handleMessage) {
    transport.handleMessage = (...args) => {
      const source = socketOf(args[0]);
      return source && refuses(source, args[1])
        ? Promise.resolve()
        : counted(messages, source, () => handleMessage(...args));
    };
  }
  if (send) {
    transport.send = (stream, respond) =>
      send(stream, packet => counted(messages, undefined, () => respond(packet)));
  }
  const handlers = transport.getHandlers?.();
  for (const [pattern, handler] of handlers ?? []) {
    handlers!.set(pattern, countedHandler(handler, messages));
  }
}

function countedHandler(handler: MessageHandler, messages: MessagesInProgress): MessageHandler {
  const replacement: MessageHandler = (...args) => {
    const source = socketOf((args[1] as TcpContext | undefined)?.getSocketRef?.());
    return counted(
      messages,
      source,
      () => handler(...args),
      result => (isObservable(result) ? countedStream(result, messages, source) : result),
    );
  };
  // Transports read `isEventHandler`, `extras` and `next`, and add further handlers of an event to `next`.
  return new Proxy(handler, { apply: (_, __, args: unknown[]) => replacement(...args) });
}

/** Counts a stream from its subscription to its end. */
function countedStream(
  stream: Observable<unknown>,
  messages: MessagesInProgress,
  source: object | undefined,
): Observable<unknown> {
  return defer(() => {
    const end = messages.begin(source);
    return stream.pipe(finalize(end));
  });
}

/** Counts `work` until it returns, or until its promise settles. */
function counted(
  messages: MessagesInProgress,
  source: object | undefined,
  work: () => unknown,
  convert: (result: unknown) => unknown = result => result,
): unknown {
  const end = messages.begin(source);
  try {
    const result = work();
    if (result instanceof Promise) {
      return result.then(convert).finally(end);
    }
    end();
    return convert(result);
  } catch (error) {
    end();
    throw error;
  }
}

interface TcpContext {
  getSocketRef?(): unknown;
}

/** Returns the connection behind the socket of Nest's TCP transport. */
function socketOf(value: unknown): object | undefined {
  const { netSocket } = (value ?? {}) as { readonly netSocket?: object };
  return typeof netSocket === 'object' ? netSocket : undefined;
}

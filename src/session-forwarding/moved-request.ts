/** What the new worker of a connection must know. @internal */
export interface MovedRequest {
  /** The name of the server for which the connection is. */
  readonly server: string;
  /** What was read of the connection, as Latin-1. */
  readonly data: string;
}

/** Returns the text that moves with a connection. @internal */
export function writeMoved({ server, data }: MovedRequest): string {
  return `${server}\n${data}`;
}

/** Reads such a text. The server may be unknown. @internal */
export function readMoved(text: string): MovedRequest {
  const end = text.indexOf('\n');
  return { server: text.slice(0, end), data: text.slice(end + 1) };
}

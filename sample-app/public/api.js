/** There was no answer: the connection was lost or refused, or the request timed out. */
export class NoAnswerError extends Error {
  constructor(timedOut, cause) {
    super(
      timedOut
        ? 'No answer in time.'
        : 'No answer: the connection was lost. Its worker crashed, or the application is down.',
      { cause },
    );
    this.timedOut = timedOut;
  }
}

/** The application answered with an error. */
export class RefusedError extends Error {
  constructor(status, message) {
    super(`The application answered ${status}: ${message}`);
    this.status = status;
  }
}

/**
 * Sends a request and resolves with the JSON of the answer. The messages of its errors can be shown to
 * users. Statuses in `accept`, such as 503, are not errors.
 */
export async function ask(
  path,
  { method = 'GET', headers = {}, timeout = 70_000, accept = [] } = {},
) {
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(timeout),
    });
    text = await response.text();
  } catch (error) {
    throw new NoAnswerError(error.name === 'TimeoutError', error);
  }
  if (!response.ok && !accept.includes(response.status)) {
    throw new RefusedError(response.status, messageIn(text));
  }
  return JSON.parse(text);
}

function messageIn(text) {
  try {
    return JSON.parse(text).message ?? text;
  } catch {
    return text.slice(0, 200);
  }
}

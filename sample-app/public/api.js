import { countAnswer, countFailure, countSent } from './traffic.js';

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
 * Sends a request and resolves with the JSON of the answer. The messages of its errors can be shown to users.
 *
 * The strip counts each request once: as answered, also if it is refused with a 4xx, or as failed.
 */
export async function ask(path, options = {}) {
  // The browser may send a request twice. Both then have the same number.
  const headers = { ...options.headers, 'X-Request': String(countSent()) };
  try {
    const value = await peek(path, { ...options, headers });
    countAnswer();
    return value;
  } catch (error) {
    if (error instanceof RefusedError && error.status < 500) countAnswer();
    else countFailure(path, error);
    throw error;
  }
}

/** Like `ask()`, but not counted: for requests that the page gives up early. */
export async function peek(
  path,
  { method = 'GET', headers = {}, credentials, timeout = 70_000 } = {},
) {
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials,
      cache: 'no-store',
      signal: AbortSignal.timeout(timeout),
    });
    text = await response.text();
  } catch (error) {
    throw new NoAnswerError(error.name === 'TimeoutError', error);
  }
  if (!response.ok) throw new RefusedError(response.status, messageIn(text));
  return JSON.parse(text);
}

function messageIn(text) {
  try {
    return JSON.parse(text).message ?? text;
  } catch {
    return text.slice(0, 200);
  }
}

/** No answer came: the connection was cut or refused, or it took too long. */
export class NoAnswerError extends Error {
  constructor(timedOut, cause) {
    super(
      timedOut
        ? 'No answer in time.'
        : 'No answer: the connection ended first. Its worker crashed, or the application is down.',
      { cause },
    );
    this.timedOut = timedOut;
  }
}

/** The application answered, but not with what it was asked for. */
export class RefusedError extends Error {
  constructor(status, message) {
    super(`The application answered ${status}: ${message}`);
    this.status = status;
  }
}

/**
 * Asks the application and gives back its JSON. Whatever goes wrong is an error fit to be shown; for
 * some, a status such as 503 is an answer like any other.
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

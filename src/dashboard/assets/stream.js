/** The worker that serves the page is blocked or gone if it says nothing for this time. Updates come every 2 s. */
const SILENCE = 8_000;
const LONGEST_PAUSE = 3_000;
const REFUSED = new Set([401, 403, 404]);

/**
 * Receives the messages of a view, and connects again until it is closed: `EventSource` alone gives up after an answer
 * that is an error, does not tell which one, and waits for ever for a blocked worker.
 *
 * @param {string} view
 * @param {{ message(name: string, data: unknown): void; lost(): void; refused(status: number): void }} on
 * @returns {() => void} closes it
 */
export function connect(view, on) {
  const url = `stream?view=${view}`;
  const closing = new AbortController();
  let source;
  let timer;
  let failures = 0;

  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(lost, SILENCE);
  };

  function open() {
    source = new EventSource(url);
    for (const name of ['overview', 'update', 'section']) {
      source.addEventListener(name, ({ data }) => {
        failures = 0;
        watch();
        on.message(name, JSON.parse(data));
      });
    }
    source.addEventListener('bye', lost);
    source.addEventListener('error', lost);
    watch();
  }

  function lost() {
    source.close();
    clearTimeout(timer);
    on.lost();
    const pause = Math.min(LONGEST_PAUSE, 250 * 2 ** failures);
    timer = setTimeout(failures++ === 0 ? open : probe, pause);
  }

  /** Finds out whether the page is refused. */
  async function probe() {
    const status = await statusOf(url, closing.signal);
    if (closing.signal.aborted) {
      return;
    }
    if (REFUSED.has(status)) {
      on.refused(status);
    } else {
      open();
    }
  }

  open();
  return () => {
    closing.abort();
    source.close();
    clearTimeout(timer);
  };
}

/** A page in place of a stream is one to sign in. 0: no answer. */
async function statusOf(url, signal) {
  const own = new AbortController();
  const limits = [signal, own.signal, AbortSignal.timeout(LONGEST_PAUSE)];
  try {
    const response = await fetch(url, { signal: AbortSignal.any(limits) });
    const type = response.headers.get('content-type') ?? '';
    own.abort();
    return response.ok && !type.startsWith('text/event-stream') ? 401 : response.status;
  } catch {
    return 0;
  }
}

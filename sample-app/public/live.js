/** Milliseconds without a message after which another worker is asked. A worker sends one every two seconds. */
const PATIENCE = 3000;

let source;
let silence;

/**
 * Receives the changes of the tickets, from the worker that accepts the connection. Each stream begins
 * with the current state, so nothing is missed when another worker takes over.
 *
 * When a stream ends, the browser reconnects automatically, unless it was refused. The stream of a blocked worker does not
 * end. It is replaced when it has been silent for some time. `onSilence` is called if the next stream is silent, too.
 */
export function listen(onMessage, onSilence) {
  let silences = 0;
  const open = () => {
    source = new EventSource('/api/tickets/live');
    source.addEventListener('message', ({ data }) => {
      silences = 0;
      waitForMessage();
      onMessage(JSON.parse(data));
    });
    waitForMessage();
  };
  const waitForMessage = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      if (++silences > 1) onSilence();
      source.close();
      open();
    }, PATIENCE);
  };
  const openWhileSeen = () => {
    source?.close();
    clearTimeout(silence);
    if (!document.hidden) open();
  };
  // All tabs share six connections to a host, so a hidden tab closes its stream.
  document.addEventListener('visibilitychange', openWhileSeen);
  openWhileSeen();
}

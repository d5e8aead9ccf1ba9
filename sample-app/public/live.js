/** Milliseconds without a stream after which that is shown; a stream reconnects after half a second. */
const PATIENCE = 2500;
/** Browsers reconnect by themselves, unless they were refused; then they retry after this many ms. */
const EVERY = 1000;

let source;
let missing;
let again;

/**
 * Receives the changes of the tickets, from the worker that accepts the connection. Each stream begins
 * with the current state, so nothing is missed when another worker takes over.
 */
export function listen(onMessage, onMissed) {
  const open = () => {
    source = new EventSource('/api/tickets/live');
    source.addEventListener('message', ({ data }) => {
      clearTimeout(missing);
      missing = undefined;
      onMessage(JSON.parse(data));
    });
    source.addEventListener('error', () => {
      missing ??= setTimeout(() => onMissed(), PATIENCE);
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, EVERY);
    });
  };
  const openWhileSeen = () => {
    source?.close();
    clearTimeout(again);
    clearTimeout(missing);
    missing = undefined;
    if (!document.hidden) open();
  };
  // All tabs share six connections to a host, so a hidden tab closes its stream.
  document.addEventListener('visibilitychange', openWhileSeen);
  openWhileSeen();
}

/** Milliseconds a stream may be away before it is missed: it comes back after half a second. */
const PATIENCE = 2500;
/** A browser comes back by itself, unless it was refused; then it asks again after so long. */
const EVERY = 1000;

let source;
let missing;
let again;

/**
 * Hears what happens to the tickets, from whichever worker takes the connection. Each stream begins
 * with what is true then, and so nothing has to be caught up with after another worker took over.
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
  // Six connections to a host are for all tabs together: one that nobody sees gives its stream back.
  document.addEventListener('visibilitychange', openWhileSeen);
  openWhileSeen();
}

const KEY = 'ticket-rush-client';

/** Who buys here: somebody else in each tab, and the same one after the page was loaded again. */
export function client() {
  const known = sessionStorage.getItem(KEY);
  if (known) return known;
  // `crypto.randomUUID()` is missing where the page does not come from localhost or over HTTPS.
  const made = [...crypto.getRandomValues(new Uint32Array(4))].map(n => n.toString(36)).join('-');
  sessionStorage.setItem(KEY, made);
  return made;
}

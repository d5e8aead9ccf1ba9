const KEY = 'ticket-rush-client';

/** Returns the name of this client: different in each tab, and unchanged when the page is reloaded. */
export function client() {
  const known = sessionStorage.getItem(KEY);
  if (known) return known;
  // `crypto.randomUUID()` exists only on localhost and over HTTPS.
  const made = [...crypto.getRandomValues(new Uint32Array(4))].map(n => n.toString(36)).join('-');
  sessionStorage.setItem(KEY, made);
  return made;
}

/** Matches any characters in the name of a topic. */
const WILDCARD = '*';

/** Returns whether a filter is a pattern. @internal */
export function isPattern(filter: string): boolean {
  return filter.includes(WILDCARD);
}

/** A `*` at the start of a pattern does not match topics that begin with this, as in MQTT. */
const RESERVED = '$';

/**
 * Returns a function that tells whether a topic matches a filter. A `*` in the filter matches any characters,
 * including dots. A `*` at the beginning does not match topics that begin with `$`.
 *
 * @internal
 */
export function topicMatcher(filter: string): (topic: string) => boolean {
  const [start = '', ...parts] = filter.split(WILDCARD);
  const end = parts.pop();
  if (end === undefined) {
    return topic => topic === filter;
  }
  return topic => {
    if (!topic.startsWith(start) || (start === '' && topic.startsWith(RESERVED))) {
      return false;
    }
    // The first match of each part leaves the most room for the parts after it.
    let place = start.length;
    for (const part of parts) {
      const found = topic.indexOf(part, place);
      if (found === -1) {
        return false;
      }
      place = found + part.length;
    }
    return topic.length - end.length >= place && topic.endsWith(end);
  };
}

/** What stands for any characters in the name of a topic. */
const WILDCARD = '*';

/** Whether it stands for many topics. @internal */
export function isPattern(filter: string): boolean {
  return filter.includes(WILDCARD);
}

/** What the names of topics begin with that nobody means by `*`: as in MQTT. */
const RESERVED = '$';

/**
 * Whether a topic is one of those that a filter stands for: the topic of that name or, where it has
 * `*`, any with whatever characters in its place, dots too. A `*` at the beginning does not stand for
 * topics that begin with `$`.
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
    // The first place of each part leaves the most room for those that follow.
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

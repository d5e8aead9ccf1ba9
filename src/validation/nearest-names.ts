/** Whoever wrote more has not mistyped the name of an option. */
const MAX_LENGTH = 64;

/** Suggestions that a message has at most. */
const MAX_SUGGESTIONS = 3;

/**
 * The names that somebody may have meant who wrote another one: those that are the fewest typing errors away,
 * and not too many. Of dotted names, a last part that is the same counts as well: `timeout` may stand for
 * `boot.timeout`. Capitals do not matter.
 *
 * @internal
 */
export function nearestNames(name: string, candidates: readonly string[]): readonly string[] {
  if (name.length > MAX_LENGTH) {
    return [];
  }
  const wanted = name.toLowerCase();
  const most = tolerance(lastPart(wanted));
  const distances = candidates.map(candidate => ({
    candidate,
    distance: Math.min(
      typingErrors(wanted, candidate.toLowerCase(), most),
      typingErrors(lastPart(wanted), lastPart(candidate.toLowerCase()), most),
    ),
  }));
  const smallest = Math.min(...distances.map(({ distance }) => distance));
  return smallest > most
    ? []
    : distances
        .filter(({ distance }) => distance === smallest)
        .map(({ candidate }) => candidate)
        .slice(0, MAX_SUGGESTIONS);
}

/** How many typing errors a word of that length may have. */
function tolerance({ length }: string): number {
  return length < 5 ? 1 : length < 9 ? 2 : 3;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/**
 * How many letters must be inserted, left out, replaced, or swapped with the next one to make one word of another
 * (optimal string alignment). Infinity, if the lengths alone tell that there are more than `most`.
 */
function typingErrors(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) {
    return Infinity;
  }
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
        isSwapped ? beforeLast[column - 2]! + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length]!;
}

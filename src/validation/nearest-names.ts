/** Longer names are not mistyped options. */
const MAX_LENGTH = 64;

/** The maximum number of suggestions in a message. */
const MAX_SUGGESTIONS = 3;

/**
 * Returns the candidates that may have been meant: those with the fewest typing errors, up to a limit. For dotted
 * names, the last part alone is compared as well: `timeout` may stand for `boot.timeout`. Case is ignored.
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

/** Returns the number of typing errors that a name of that length may have. */
function tolerance({ length }: string): number {
  return length < 5 ? 1 : length < 9 ? 2 : 3;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/**
 * Returns the number of letters that must be inserted, removed, replaced, or swapped with the next one to turn one
 * word into the other (optimal string alignment); `Infinity` if the lengths alone differ by more than `most`.
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

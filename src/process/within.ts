const LATE = Symbol('late');

/**
 * What a promise gives; or, if it does not settle within so many milliseconds, what `late` gives, which
 * may throw.
 *
 * @internal
 */
export async function within<Value, Late>(
  milliseconds: number,
  promise: Promise<Value>,
  late: () => Late,
): Promise<Value | Awaited<Late>> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<typeof LATE>(resolve => {
    timer = setTimeout(resolve, milliseconds, LATE);
  });
  try {
    const first = await Promise.race([promise, timeUp]);
    return first === LATE ? await late() : first;
  } finally {
    clearTimeout(timer);
  }
}

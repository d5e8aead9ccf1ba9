/** Waits for a promise, and rejects after a timeout. */
export async function within<Value>(
  timeout: number,
  promise: Promise<Value>,
  explain: () => string,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${timeout} ms. ${explain()}`)), timeout);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

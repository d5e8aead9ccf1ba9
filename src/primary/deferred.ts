/** A promise that somebody else resolves. @internal */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
}

/** `Promise.withResolvers()`, which our oldest Node does not have. @internal */
export function deferred(): Deferred {
  let resolve!: () => void;
  const promise = new Promise<void>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}

const checks = new Set<() => void>();

/**
 * Has something checked before anything is forked, if it is known by then: what a worker would fail for, each
 * of them would.
 *
 * @internal
 */
export function checkBeforeFork(check: () => void): void {
  checks.add(check);
}

/** @throws what the first check throws that fails @internal */
export function preflight(): void {
  checks.forEach(check => check());
}

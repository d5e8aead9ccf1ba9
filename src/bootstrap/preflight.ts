const checks = new Set<() => void>();

/**
 * Registers a check that runs before any worker is forked: if it fails, every worker would fail.
 *
 * @internal
 */
export function checkBeforeFork(check: () => void): void {
  checks.add(check);
}

/**
 * Runs all checks.
 *
 * @throws the error of the first check that fails
 * @internal
 */
export function preflight(): void {
  checks.forEach(check => check());
}

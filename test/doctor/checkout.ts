import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../scripts/compatibility/run.mjs';

const REPOSITORY = 'https://github.com/nestjs/nest';

/** A checkout of Nest's repository. */
export interface Checkout {
  readonly directory: string;
  /** The commit, and its date. */
  readonly commit: string;
}

/**
 * Opens the checkout at a path, or clones Nest's repository.
 *
 * @param directory where to clone to
 * @throws Error if there are no samples, or the repository cannot be reached
 */
export async function openCheckout(path: string | undefined, directory: string): Promise<Checkout> {
  const checkout = path ?? (await clone(directory));
  if (!existsSync(join(checkout, 'sample'))) {
    throw new Error(`${checkout} is no checkout of ${REPOSITORY}: it has no directory "sample".`);
  }
  const commit = await run(checkout, ['git', 'log', '-1', '--format=%h of %cs']).catch(
    () => 'an unknown commit',
  );
  return { directory: checkout, commit: commit.trim() };
}

async function clone(directory: string): Promise<string> {
  const to = join(directory, 'nest');
  try {
    await run(directory, ['git', 'clone', '--quiet', '--depth', '1', REPOSITORY, to]);
  } catch (error) {
    throw new Error(
      `${REPOSITORY} could not be cloned. Give the path of a checkout: npm run verify:doctor -- <path>`,
      { cause: error },
    );
  }
  return to;
}

/** Returns the applications of a sample; one that connects to the others is the last one. */
export function applicationsOf(sample: string, samples: string): readonly string[] {
  const isApplication = (directory: string): boolean =>
    ['main.ts', 'main.js'].some(file => existsSync(join(samples, directory, 'src', file)));
  if (isApplication(sample)) {
    return [sample];
  }
  return readdirSync(join(samples, sample))
    .map(name => `${sample}/${name}`)
    .filter(isApplication)
    .toSorted(
      (left, right) => Number(left.endsWith('gateway')) - Number(right.endsWith('gateway')),
    );
}

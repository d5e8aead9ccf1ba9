/**
 * `npm run verify:jobs`: scheduled jobs of an application of this repository, with workers and Redis servers that fail;
 * see docs/recorded-runs.md.
 */
import { providePackages } from '../test/support/bundle-packages.mjs';
import { runCompiled } from './run-compiled.mjs';

await providePackages();
await runCompiled('jobs');

/**
 * `npm run verify:metrics`: the metrics of an application of this repository, whose workers are reloaded, killed and
 * blocked; see docs/recorded-runs.md.
 */
import { providePackages } from '../test/support/bundle-packages.mjs';
import { runCompiled } from './run-compiled.mjs';

await providePackages();
await runCompiled('metrics');

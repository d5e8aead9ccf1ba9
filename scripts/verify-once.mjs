/** `npm run verify:once`: migrations of an application with 4 workers on PostgreSQL; see docs/recorded-runs.md. */
import { providePackages } from '../test/support/bundle-packages.mjs';
import { runCompiled } from './run-compiled.mjs';

await providePackages();
await runCompiled('once');

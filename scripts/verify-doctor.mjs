/** `npm run verify:doctor`: the doctor on the sample applications of Nest's repository; see docs/recorded-runs.md. */
import { providePackages } from '../test/support/bundle-packages.mjs';
import { runCompiled } from './run-compiled.mjs';

await providePackages();
await runCompiled('doctor');

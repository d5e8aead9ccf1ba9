/**
 * `npm run verify:chaos`: an application of this repository under load, with processes, Redis servers and clocks
 * that fail in random order; see docs/recorded-runs.md.
 */
import { runCompiled } from './run-compiled.mjs';

await runCompiled('chaos');

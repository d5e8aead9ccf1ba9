/** The program of `bare.ts` with a large application. */
import { runBare } from './run-bare.js';
import { LargeModule } from './large.module.js';
import { bootstrap } from './bootstrap.js';

await runBare(() => bootstrap(LargeModule));

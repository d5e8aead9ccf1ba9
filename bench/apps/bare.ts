/** A program with `node:cluster`, as users write it by hand. */
import { bootstrap } from './bootstrap.js';
import { PlainModule } from './plain.module.js';
import { runBare } from './run-bare.js';

await runBare(() => bootstrap(PlainModule));

/** The program of `bare-lazy.ts` with a large application. */
import { runBare } from './run-bare.js';

await runBare(() => import('./large-plain.js'));

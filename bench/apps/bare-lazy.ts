/** Like `bare.ts`, but the primary imports neither the application nor Nest. */
import { runBare } from './run-bare.js';

await runBare(() => import('./plain.js'));

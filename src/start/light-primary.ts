/** The program with which a primary that has loaded the application replaces its own: see `exec-primary.ts`. */
import { ignoreCommandsAtStart, listenEarly } from '../bootstrap/early-signals.js';

// Before the supervisor is loaded: the process has handled these signals before.
listenEarly();
const release = ignoreCommandsAtStart();
void import('./supervise-passed.js').then(({ supervise }) => supervise()).then(release);

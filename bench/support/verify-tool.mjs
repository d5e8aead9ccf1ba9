/**
 * The parts of `nestjs-cluster-verify` that the benchmarks use: its clients, its counts, and its start of an
 * application. They are imported from `dist`, like everything that is measured.
 */
export { ApplicationUnderTest } from '../../build/cli/verify/verified-application.js';
export { ChaosRunner } from '../../build/cli/verify/chaos-runner.js';
export { Kills } from '../../build/cli/verify/load/kills.js';
export { Load } from '../../build/cli/verify/load/load.js';
export { Tally } from '../../build/cli/verify/load/tally.js';

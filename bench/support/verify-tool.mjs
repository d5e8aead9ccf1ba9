/**
 * What the benchmarks use of `nestjs-cluster-verify`: its clients and its count, and how it starts an
 * application. From `dist`, like everything that is measured.
 */
export { ApplicationUnderTest } from '../../build/cli/verify/verified-application.js';
export { ChaosRunner } from '../../build/cli/verify/chaos-runner.js';
export { Kills } from '../../build/cli/verify/load/kills.js';
export { Load } from '../../build/cli/verify/load/load.js';
export { Tally } from '../../build/cli/verify/load/tally.js';

/**
 * What the benchmarks use of `nestjs-cluster-verify`: its clients and its count, and how it starts an
 * application. From `dist`, like everything that is measured.
 */
export { ApplicationUnderTest } from '../../dist/cli/verify/verified-application.js';
export { ChaosRunner } from '../../dist/cli/verify/chaos-runner.js';
export { Kills } from '../../dist/cli/verify/load/kills.js';
export { Load } from '../../dist/cli/verify/load/load.js';
export { Tally } from '../../dist/cli/verify/load/tally.js';

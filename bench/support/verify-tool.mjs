/**
 * What the benchmarks use of `nestjs-cluster-verify`: its clients and its count, and how it starts an
 * application. From `dist`, like everything that is measured.
 */
export { ApplicationUnderTest } from '../../dist/verify/application.js';
export { Disturber } from '../../dist/verify/disturber.js';
export { Kills } from '../../dist/verify/load/kills.js';
export { Load } from '../../dist/verify/load/load.js';
export { Tally } from '../../dist/verify/load/tally.js';

/** Preloaded into an application under test: the worker that is to report its options ends before it can. */
if (process.env['CLUSTER_REPORT_OPTIONS'] === 'report') {
  console.log('ends early');
  process.exit(3);
}

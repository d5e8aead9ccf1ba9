/** The application with throng. The primary imports only throng. */
import throng from 'throng';

await throng({
  count: Number(process.env['CLUSTER_WORKERS']),
  worker: () => import(/** @type {string} */ (process.env['BENCH_APP'])),
});

/** `npm run verify:chaos`: see docs/recorded-runs.md. */
import { report } from './report.js';
import { run } from './run.js';
import { HELP, parseSettings } from './settings.js';

const begunAt = performance.now();

function progress(text: string): void {
  const minutes = ((performance.now() - begunAt) / 60_000).toFixed(1);
  console.error(`${minutes.padStart(5)} min  ${text}`);
}

try {
  const settings = parseSettings(process.argv.slice(2));
  if (settings) {
    const result = await run(settings, progress);
    console.log(report(result));
    process.exitCode = result.passed ? 0 : 1;
  } else {
    console.log(HELP);
  }
} catch (error) {
  console.error(error instanceof TypeError ? error.message : error);
  process.exitCode = 2;
}

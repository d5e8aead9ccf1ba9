/**
 * Compares the public types of each entry point, as compiled to `build/`, with the reports in `etc/`.
 * With `--update`, writes the reports.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
} from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));
const update = process.argv.includes('--update');
const { name, exports: entries } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The reports are only for comparison. TypeDoc checks which types need an export or a description. */
const MESSAGES = {
  compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
  extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
  tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
};

const configs = Object.entries(entries)
  .filter(([, { types }]) => types !== undefined)
  .map(([entry]) =>
    ExtractorConfig.prepare({
      configObjectFullPath: undefined,
      packageJsonFullPath: `${root}package.json`,
      configObject: {
        projectFolder: root,
        mainEntryPointFilePath: `${root}build/${entry === '.' ? '' : `${basename(entry)}/`}index.d.ts`,
        compiler: { tsconfigFilePath: `${root}tsconfig.build.json` },
        apiReport: {
          enabled: true,
          reportFileName: entry === '.' ? name : basename(entry),
          reportFolder: `${root}etc`,
          reportTempFolder: `${root}node_modules/.cache/api-report`,
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: MESSAGES,
      },
    }),
  );

const [first, ...others] = configs;
const compilerState = CompilerState.create(first, {
  additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
});

mkdirSync(`${root}etc`, { recursive: true });
const changed = configs.filter(config => {
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: update,
    compilerState,
    // Otherwise it prints a warning for each report that has changed.
    messageCallback: message => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  return apiReportChanged;
});

for (const { reportFilePath, reportTempFilePath } of changed) {
  const report = relative(root, reportFilePath);
  if (update) {
    console.log(`Updated ${report}.`);
  } else {
    console.error(`The public types differ from ${report}.`);
    // Exits with code 1 if the files differ.
    spawnSync('git', ['diff', '--no-index', '--', report, relative(root, reportTempFilePath)], {
      cwd: root,
      stdio: 'inherit',
    });
  }
}
if (changed.length > 0 && !update) {
  console.error('If you meant to change them, run `npm run api` and commit the reports.');
  process.exitCode = 1;
}
